import { replay } from "./replay";

replay("07-token-service");
