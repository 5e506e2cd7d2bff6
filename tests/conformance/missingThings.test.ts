import { replay } from "./replay";

replay("12-missing-things");
