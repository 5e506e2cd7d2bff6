import { replay } from "./replay";

replay("06c-members-users-groups");
