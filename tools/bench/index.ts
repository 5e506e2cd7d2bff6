import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addBuilder, declareBuilder, sandboxInstance } from "../commands/builder";
import { type Engine, prepareEngine } from "../commands/engine";
import { releaseHarbor } from "../commands/harbor";
import { Problem } from "../commands/problem";
import { openWorkspaceApart, type Workspace } from "../commands/workspace";
import { ensureTools } from "../toolchain/tools";
import { Arena } from "./arena";
import { ensureBases } from "./bases";
import { clientSubjects, openBuildClient } from "./clients";
import { measureContext } from "./context";
import { type Extent, type Request, requestOf } from "./extent";
import { watchInterruption } from "./interruption";
import { writePage } from "./page";
import { measurePlugin } from "./plugin";
import {
    carryMounts,
    componentSubject,
    floorSubject,
    imagesSubject,
    platformsSubject,
    signedSubject,
} from "./programs";
import { Progress } from "./progress";
import { type Results, reportOf, resultsOf } from "./report";
import { runMatch, type Series } from "./rounds";
import { platforms } from "./samples";
import { chooseStorage, releaseStorage, type Storage } from "./storage";
import type { Subject } from "./subject";

/**
 * `npm run bench` compares harbor-build with other ways to build, and writes tables to standard
 * output and `bench-results.json`. `--full` measures everything, `--rounds=N` measures N rounds;
 * `--project`, `--images`, `--case` and `--subject` select parts; `--case` alone measures one image.
 * `--page` writes the tables of the last run into docs/bench.md. An interrupted run ends its servers
 * and removes what it made; the file has what was measured until then.
 */
export async function bench(args: readonly string[]): Promise<number> {
    const request = requestOf(args);
    const workspace = await openWorkspaceApart("bench");
    const file = join(workspace.root, "bench-results.json");
    if (request.writesPage) {
        await writePage(join(workspace.root, "docs", "bench.md"), await readResults(file));
        return 0;
    }
    const storage = await chooseStorage(workspace.sandboxDir);
    const interruption = watchInterruption();
    let results: Results;
    try {
        results = await measure(
            { ...workspace, sandboxDir: storage.folder },
            {
                storage,
                request,
                signal: interruption.signal,
                save: (found) => writeFile(file, `${JSON.stringify(found, undefined, 4)}\n`),
            },
        );
    } catch (error) {
        const code = interruption.exitCode();
        if (code === undefined) throw error;
        return code;
    } finally {
        interruption.close();
    }
    console.log(reportOf(results));
    return 0;
}

async function readResults(file: string): Promise<Results> {
    try {
        // Only this command writes the file.
        return JSON.parse(await readFile(file, "utf8")) as Results;
    } catch (cause) {
        throw new Problem(`${file}: no results to read. Fix: run npm run bench first`, { cause });
    }
}

async function measure(
    workspace: Workspace,
    {
        storage,
        request: { extent, isPart },
        signal,
        save,
    }: {
        readonly storage: Storage;
        readonly request: Request;
        readonly signal: AbortSignal;
        /** Keeps the results; called with what there is after each match. */
        save(results: Results): Promise<void>;
    },
): Promise<Results> {
    const startedAt = new Date();
    const workFolder = join(workspace.privateDir, "work");
    await rm(workFolder, { recursive: true, force: true });
    await releaseStorage(storage); // what an interrupted run left
    const tools = await ensureTools(["buildx", "pulumiPlugins", "node", "caBundle"]);
    // A run leaves nothing behind, so the next run may use another Harbor.
    await releaseHarbor(workspace);
    try {
        const baseImages = await ensureBases(
            extent.matches.map(({ sample }) => sample),
            { ...tools, folder: workspace.privateDir },
        );
        signal.throwIfAborted();
        const engine = await prepareEngine(workspace, { baseImages });
        const figures = isPart ? {} : await measureFigures(workFolder, tools, { extent, signal });
        const resultsSoFar = (series: readonly Series[]) =>
            resultsOf(startedAt, storage.kind, series, figures);
        const series = await measureMatches(engine, workspace, tools, {
            workFolder,
            extent,
            untilMs: startedAt.getTime() + extent.limitMs,
            signal,
            save: (measured) => save(resultsSoFar(measured)),
        });
        return resultsSoFar(series);
    } finally {
        await releaseStorage(storage);
        await rm(workFolder, { recursive: true, force: true });
    }
}

/** What needs neither BuildKit nor Harbor. */
async function measureFigures(
    workFolder: string,
    { pulumiPlugins }: { readonly pulumiPlugins: string },
    { extent, signal }: { readonly extent: Extent; readonly signal: AbortSignal },
): Promise<Pick<Results, "plugin" | "context">> {
    const { pluginStarts: starts, pluginResources: resources } = extent;
    const plugin = await measurePlugin({ starts, resources }, signal);
    const folder = join(workFolder, "context");
    const context = await measureContext({ folder, pulumiPlugins }, extent.context, signal);
    return { plugin, context };
}

/** Name of the builder of a second BuildKit. */
const second = "harbor-build-second";

async function measureMatches(
    engine: Engine,
    workspace: Workspace,
    { buildx }: { readonly buildx: string },
    {
        workFolder,
        extent,
        untilMs,
        signal,
        save,
    }: {
        readonly workFolder: string;
        readonly extent: Extent;
        readonly untilMs: number;
        readonly signal: AbortSignal;
        /** Keeps what was measured so far. */
        save(series: readonly Series[]): Promise<void>;
    },
): Promise<Series[]> {
    // Never the user's own builder: the benchmark empties the cache of its builder.
    await declareBuilder(workspace.dockerConfig, engine.sandbox.buildkitAddress, {});
    const arena = await Arena.open({ engine, folder: workFolder, signal });
    try {
        const client = await openBuildClient(arena, buildx, join(workspace.privateDir, "buildx"));
        const { makefile, makefileMounts, bake, bakeRegistry, registryMax } = clientSubjects(
            arena,
            client,
        );
        if (extent.matches.some(({ sample }) => sample === platforms)) {
            await addBuilder(workspace.dockerConfig, second, await arena.openSecondBuildkit());
        }
        const subjects: readonly Subject[] = [
            makefile,
            componentSubject(arena, "harbor-build"),
            componentSubject(arena, "harbor-build-mounts", carryMounts),
            makefileMounts,
            bake,
            registryMax,
            imagesSubject(arena),
            floorSubject(arena),
        ];
        const onlyNamed: readonly Subject[] = [
            bakeRegistry,
            signedSubject(arena),
            platformsSubject(arena, "linux-amd64", { "linux/amd64": sandboxInstance }),
            platformsSubject(arena, "linux-arm64", { "linux/arm64": second }),
            platformsSubject(arena, "two-platforms", {
                "linux/amd64": sandboxInstance,
                "linux/arm64": second,
            }),
        ];
        const matches = extent.matches.map((match) => ({
            ...match,
            subjects: match.subjects
                ? [...subjects, ...onlyNamed].filter(({ name }) => match.subjects?.includes(name))
                : subjects,
        }));
        const progress = new Progress(matches, {
            leftMs: () => untilMs - Date.now(),
            log: (line) => process.stderr.write(`bench: ${line}\n`),
        });
        const series: Series[] = [];
        for (const match of matches) {
            const found = await runMatch(match, {
                progress,
                newRunner: () => arena.newRunner(),
                measure: (action) => arena.measure(action),
            });
            series.push(...found);
            await save(series);
        }
        return series;
    } finally {
        await arena.close();
    }
}
