import { replay } from "./replay";

replay("05-immutable");
