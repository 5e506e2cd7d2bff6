import { replay } from "./replay";

replay("03-robots");
