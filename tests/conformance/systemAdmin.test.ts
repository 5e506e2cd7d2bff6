import { replay } from "./replay";

replay("06f-system-admin", { sandbox: "it changes the settings of the whole Harbor" });
