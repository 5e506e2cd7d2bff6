import { replay } from "./replay";

replay("06b-webhooks");
