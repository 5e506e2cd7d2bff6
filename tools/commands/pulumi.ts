import { runChild } from "./child";
import { type Engine, prepareEngine } from "./engine";
import { ensureStack } from "./stack";
import { openWorkspace, type Workspace } from "./workspace";

/** `npm run pulumi -- ARGS` runs the toolchain's Pulumi on the root project. */
export async function pulumi(args: readonly string[]): Promise<number> {
    const workspace = await openWorkspace();
    const engine = await prepareEngine(workspace);
    await ensureStack(workspace, engine);
    return runPulumi(workspace, engine, args);
}

/** Runs Pulumi in the root project with the input and output of this process. */
export function runPulumi(
    workspace: Workspace,
    engine: Engine,
    args: readonly string[],
): Promise<number> {
    return runChild(engine.tools.pulumi, args, {
        cwd: workspace.root,
        env: engine.environment,
        stdio: "inherit",
    });
}
