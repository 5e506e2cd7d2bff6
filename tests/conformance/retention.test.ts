import { replay } from "./replay";

replay("04-retention");
