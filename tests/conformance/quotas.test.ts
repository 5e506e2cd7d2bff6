import { replay } from "./replay";

replay("06e-quotas");
