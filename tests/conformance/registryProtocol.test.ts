import { replay } from "./replay";

replay("08-registry-protocol");
