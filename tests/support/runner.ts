import { wipeBuildkit } from "../../tools/sandbox/sandbox";
import type { Lab } from "./lab";

/** Makes this machine a new CI runner by deleting BuildKit's state. */
export async function newRunner(lab: Lab): Promise<void> {
    await wipeBuildkit(lab.sandboxOptions);
}
