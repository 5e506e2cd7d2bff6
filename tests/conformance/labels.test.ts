import { replay } from "./replay";

replay("06a-labels");
