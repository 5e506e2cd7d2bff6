import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stopSandbox } from "../../sandbox/sandbox";
import { prepareEngine } from "../engine";
import { releaseHarbor } from "../harbor";
import { openWorkspaceApart } from "../workspace";

/** What the integration tests use, and how to stop it. */
export interface Lab {
    readonly environment: NodeJS.ProcessEnv;
    close(): Promise<void>;
}

/**
 * Starts the surroundings of a test run, separate from those of `npm start`: a Pulumi home, a Docker
 * configuration, a Harbor and a BuildKit. tests/support/lab.ts reads the file that describes the lab.
 *
 * @param name folder of the lab below `.harbor-build`; labs with different names can run together
 */
export async function openLab(name: string): Promise<Lab> {
    const workspace = await openWorkspaceApart(name);
    const { privateDir } = workspace;
    // Tests remove what they declare, so the next run may use another Harbor.
    await releaseHarbor(workspace);
    // On a full disk BuildKit would prune the steps that a test expects in its cache.
    const engine = await prepareEngine(workspace, { keepsCache: true });
    const { harbor, sandbox, tools } = engine;
    const file = join(privateDir, "lab.json");
    const lab = {
        pulumi: tools.pulumi,
        buildctl: tools.buildctl,
        environment: engine.environment,
        buildkitAddress: sandbox.buildkitAddress,
        sandboxOptions: engine.sandboxOptions,
        admin: harbor,
    };
    await mkdir(privateDir, { recursive: true });
    await writeFile(file, JSON.stringify(lab), { mode: 0o600 });
    return {
        environment: {
            HARBOR_BUILD_LAB: file,
            HARBOR_BUILD_TEST_BUILDKIT: sandbox.buildkitAddress,
            HARBOR_BUILD_TEST_BUILDCTL: tools.buildctl,
        },
        close: () => stopSandbox(workspace.sandboxDir),
    };
}
