import { replay } from "./replay";

replay("11-rights-rules-groups");
