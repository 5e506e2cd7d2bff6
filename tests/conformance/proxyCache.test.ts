import { replay } from "./replay";

replay("06d-registries-proxycache", {
    sandbox: "it needs a second registry that the Harbor can reach at an address of this machine",
});
