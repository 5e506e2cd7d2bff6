import { replay } from "./replay";

replay("10-auth-session-lifecycle");
