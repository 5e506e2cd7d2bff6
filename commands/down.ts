import { stopSandbox } from "../sandbox/sandbox";
import { prepareEngine } from "./engine";
import { releaseHarbor } from "./harbor";
import { runPulumi } from "./pulumi";
import { hasStack } from "./stack";
import { openWorkspace } from "./workspace";

/** `npm run down`: destroys what `npm start` made, then stops what it started. */
export async function down(): Promise<number> {
    const workspace = await openWorkspace();
    if (hasStack(workspace) || !workspace.backendUrl.startsWith("file:///")) {
        const engine = await prepareEngine(workspace);
        const destroy = ["destroy", "--yes", "--skip-preview", "--non-interactive"];
        const code = await runPulumi(workspace, engine, destroy);
        if (code !== 0) {
            return code;
        }
    }
    await releaseHarbor(workspace);
    await stopSandbox(workspace.sandboxDir);
    return 0;
}
