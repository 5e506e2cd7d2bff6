import { replay } from "./replay";

replay("02b-projects-delete-nonempty");
