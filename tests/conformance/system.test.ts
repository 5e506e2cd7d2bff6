import { replay } from "./replay";

replay("01-system");
