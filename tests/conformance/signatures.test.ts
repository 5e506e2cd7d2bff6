import { replay } from "./replay";

replay("13-signatures");
