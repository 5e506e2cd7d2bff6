import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { declareBuilder } from "../commands/builder";
import { prepareEngine } from "../commands/engine";
import { releaseHarbor } from "../commands/harbor";
import { Problem } from "../commands/problem";
import { openWorkspaceApart, type Workspace } from "../commands/workspace";
import { stopSandbox, wipeBuildkit } from "../sandbox/sandbox";
import { ensureTools } from "../toolchain/tools";
import { Arena } from "./arena";
import { bakeContender, commandsContender, openBuildClient } from "./clients";
import { measureContext } from "./context";
import { measurePlugin } from "./plugin";
import { componentContender, imagesContender } from "./programs";
import { resultsOf, tableOf } from "./report";
import { runRounds } from "./rounds";

/** How much the benchmark measures. */
interface Extent {
    readonly rounds: number;
    /** Time until the end of the last round, in milliseconds. */
    readonly limitMs: number;
    readonly pluginStarts: number;
    readonly pluginResources: number;
    readonly context: { readonly files: number; readonly rounds: number };
}

const usual: Extent = {
    rounds: 3,
    limitMs: 35 * 60_000,
    pluginStarts: 11,
    pluginResources: 300,
    context: { files: 50_000, rounds: 6 },
};
const full: Extent = {
    rounds: 9,
    limitMs: Number.POSITIVE_INFINITY,
    pluginStarts: 31,
    pluginResources: 900,
    context: { files: 50_000, rounds: 20 },
};

/**
 * `npm run bench` compares harbor-build with other ways to build, and writes a table to standard
 * output and `bench-results.json`. `--full` measures more rounds, `--rounds=N` measures N rounds.
 */
export async function bench(args: readonly string[]): Promise<number> {
    const extent = extentOf(args);
    const startedAt = new Date();
    const workspace = await openWorkspaceApart("bench");
    await rm(workFolder(workspace), { recursive: true, force: true });
    const { buildx, pulumiPlugins } = await ensureTools(["buildx", "pulumiPlugins"]);
    // A run leaves nothing behind, so the next run may use another Harbor.
    await releaseHarbor(workspace);
    const engine = await prepareEngine(workspace);
    // Never the user's own builder: the benchmark empties the cache of its builder.
    await declareBuilder(workspace.dockerConfig, engine.sandbox.buildkitAddress, {});
    const arena = new Arena(engine, workFolder(workspace));
    try {
        const plugin = await measurePlugin(extent.pluginStarts, extent.pluginResources);
        const folder = join(workFolder(workspace), "context");
        const context = await measureContext({ folder, pulumiPlugins }, extent.context);
        const dockerConfig = join(workspace.privateDir, "buildx");
        const client = await openBuildClient(arena, buildx, dockerConfig);
        const contenders = [
            componentContender(arena),
            commandsContender(arena, client),
            bakeContender(arena, client),
            imagesContender(arena),
        ];
        const times = await runRounds({
            contenders,
            rounds: extent.rounds,
            limitMs: extent.limitMs,
            newRunner: () => wipeBuildkit(engine.sandboxOptions),
            log: (line) => process.stderr.write(`bench: ${line}\n`),
        });
        const results = resultsOf(startedAt, contenders, times, { plugin, context });
        const file = join(workspace.root, "bench-results.json");
        await writeFile(file, `${JSON.stringify(results, undefined, 4)}\n`);
        console.log(tableOf(results, contenders));
        return 0;
    } finally {
        arena.close();
        await stopSandbox(workspace.sandboxDir);
    }
}

const workFolder = ({ privateDir }: Workspace): string => join(privateDir, "work");

function extentOf(args: readonly string[]): Extent {
    const { values } = parseArgs({
        args: [...args],
        options: { full: { type: "boolean" }, rounds: { type: "string" } },
    });
    const extent = values.full ? full : usual;
    if (values.rounds === undefined) {
        return extent;
    }
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1) {
        throw new Problem(
            `--rounds: "${values.rounds}" is not a number of rounds; expected 1 or more`,
        );
    }
    return { ...extent, rounds };
}
