import { replay } from "./replay";

replay("02-projects");
