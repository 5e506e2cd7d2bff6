import { captureChild } from "./child";
import { prepareEngine } from "./engine";
import { Problem } from "./problem";
import { runPulumi } from "./pulumi";
import { ensureStack } from "./stack";
import { openWorkspace } from "./workspace";

/** `npm start` brings the root project up and prints the pushed reference. */
export async function start(args: readonly string[]): Promise<number> {
    const workspace = await openWorkspace();
    const engine = await prepareEngine(workspace);
    await ensureStack(workspace, engine);
    const up = ["up", "--yes", "--skip-preview", "--non-interactive", ...args];
    const code = await runPulumi(workspace, engine, up);
    if (code !== 0) {
        return code;
    }
    const output = await captureChild(engine.tools.pulumi, ["stack", "output", "image"], {
        cwd: workspace.root,
        env: engine.environment,
    });
    if (output.code !== 0) {
        throw new Problem(`the stack has no output "image":\n${output.stderr}`);
    }
    console.log(`\npushed ${output.stdout.trim()}`);
    console.log(`Harbor ${engine.harbor.url} · npm run pulumi -- stack · npm run down`);
    return 0;
}
