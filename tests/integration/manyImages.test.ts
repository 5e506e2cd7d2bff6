import { testManyImages } from "../support/manyImages";

testManyImages([1, 20, 60]);
