import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { captureChild } from "./child";
import type { Engine } from "./engine";
import { Problem } from "./problem";
import { projectName, stackName, type Workspace } from "./workspace";

/** Whether the clone's stack is known to be there without asking Pulumi: its file is. */
export function hasStack({ backendUrl }: Workspace): boolean {
    if (!backendUrl.startsWith("file:///")) {
        return false;
    }
    const folder = join(fileURLToPath(backendUrl), ".pulumi", "stacks", projectName);
    return existsSync(join(folder, `${stackName}.json`));
}

/** Makes the clone's stack unless it is there. */
export async function ensureStack(workspace: Workspace, engine: Engine): Promise<void> {
    if (hasStack(workspace)) {
        return;
    }
    const made = await captureChild(
        engine.tools.pulumi,
        ["stack", "select", "--create", "--non-interactive", "--stack", stackName],
        { cwd: workspace.root, env: engine.environment },
    );
    if (made.code !== 0) {
        throw new Problem(`the stack "${stackName}" cannot be made:\n${made.stderr}`);
    }
}
