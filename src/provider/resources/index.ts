import type { Resource } from "../resource";
import { project } from "./project";
import { robotAccount } from "./robotAccount";

/** Every resource of the provider. */
export const resources: readonly Resource[] = [project, robotAccount];
