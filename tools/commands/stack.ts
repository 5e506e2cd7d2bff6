import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { captureChild } from "./child";
import type { Engine } from "./engine";
import { Problem } from "./problem";
import { projectName, stackName, type Workspace } from "./workspace";

/** Whether the file of the clone's stack exists, without asking Pulumi. */
export function hasStack(workspace: Workspace): boolean {
    const file = stackFile(workspace);
    return file !== undefined && existsSync(file);
}

/** Path of the stack's state; undefined when Pulumi does not store states in files. */
export function stackFile({ backendUrl }: Workspace): string | undefined {
    return backendUrl.startsWith("file:///")
        ? join(fileURLToPath(backendUrl), ".pulumi", "stacks", projectName, `${stackName}.json`)
        : undefined;
}

/** Creates the clone's stack unless it exists. */
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
        throw new Problem(`the stack "${stackName}" cannot be created:\n${made.stderr}`);
    }
}
