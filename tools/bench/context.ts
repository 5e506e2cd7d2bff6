import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { captureChild } from "../commands/child";
import pins from "../toolchain/pins.json";
import { startPlugin } from "./plugin";
import { PluginSession } from "./pluginSession";
import { median, pairedRatios } from "./statistics";

const dist = resolve(__dirname, "..", "..", "dist");
const image = "docker-build:index:Image";

/** Times to read a large context for a slice, and for docker-build's own hash. */
export interface ContextFigures {
    readonly files: number;
    /** Time to list and hash the context for the first component of a run, in milliseconds; one entry per round. */
    readonly firstMs: readonly number[];
    /** Median time for each further component, in milliseconds. */
    readonly furtherMs: number;
    /** Time of docker-build's diff of an image with the context, in milliseconds; one entry per round. */
    readonly dockerBuildMs: readonly number[];
    /** Our first time divided by docker-build's, as the median of the rounds. */
    readonly oursToDockerBuild: number;
}

/** Measures both on one context, each in a separate process. */
export async function measureContext(
    { folder, pulumiPlugins }: { readonly folder: string; readonly pulumiPlugins: string },
    { files, rounds }: { readonly files: number; readonly rounds: number },
    signal: AbortSignal,
): Promise<ContextFigures> {
    await writeContext(folder, files);
    const firstMs: number[] = [];
    const furtherMs: number[] = [];
    const dockerBuildMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
        const measureOurs = async () => {
            const [first, ...further] = await readAsComponents(folder);
            firstMs.push(first ?? Number.NaN);
            furtherMs.push(...further);
        };
        const measureTheirs = async () => {
            dockerBuildMs.push(await diffImage(folder, pulumiPlugins));
        };
        const both = [measureOurs, measureTheirs];
        // The first one changes from round to round.
        for (const measure of round % 2 === 0 ? both : both.reverse()) {
            signal.throwIfAborted();
            await measure();
        }
    }
    await rm(folder, { recursive: true, force: true });
    return {
        files,
        firstMs: firstMs.map(Math.round),
        furtherMs: Math.round(median(furtherMs)),
        dockerBuildMs: dockerBuildMs.map(Math.round),
        oursToDockerBuild: median(pairedRatios(firstMs, dockerBuildMs)),
    };
}

/** Writes files of a few kilobytes, fifty per folder, as in a large repository. */
async function writeContext(folder: string, files: number): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /all\n");
    for (let start = 0; start < files - 1; start += 50) {
        const below = join(folder, `part-${Math.floor(start / 1000)}`, `folder-${start}`);
        await mkdir(below, { recursive: true });
        const indexes = Array.from(
            { length: Math.min(50, files - 1 - start) },
            (_, i) => start + i,
        );
        await Promise.all(
            indexes.map((index) =>
                writeFile(
                    join(below, `file-${index}`),
                    `${index}\n`.repeat(1 + ((index * 37) % 1500)),
                ),
            ),
        );
    }
}

/** Times of three components that read a context in one run, in milliseconds. */
async function readAsComponents(folder: string): Promise<readonly number[]> {
    const code = `
        const { ContextTrees, openContext } = require(${JSON.stringify(join(dist, "context"))});
        const { sliceContext } = require(${JSON.stringify(join(dist, "slice"))});
        const trees = new ContextTrees();
        const times = [1, 2, 3].map(() => {
            const started = performance.now();
            sliceContext(openContext(${JSON.stringify(folder)}, undefined, { trees }));
            return performance.now() - started;
        });
        console.log(JSON.stringify(times));`;
    const { code: exit, stdout, stderr } = await captureChild(process.execPath, ["-e", code]);
    if (exit !== 0) throw new Error(`reading ${folder}: ${stderr}`);
    const times: unknown = JSON.parse(stdout);
    return Array.isArray(times) ? times.map(Number) : [];
}

/** Time of docker-build's diff of an image with a context, in milliseconds. */
async function diffImage(folder: string, pulumiPlugins: string): Promise<number> {
    const { version } = pins.programs["docker-build"];
    const file = `resource-docker-build-v${version}/pulumi-resource-docker-build`;
    const plugin = await startPlugin([join(pulumiPlugins, file)]);
    const session = new PluginSession(plugin.port);
    try {
        await session.configure({});
        const inputs = {
            context: { location: folder },
            dockerfile: { location: join(folder, "Dockerfile") },
            push: false,
        };
        const started = performance.now();
        await session.diff(image, { ...inputs, contextHash: "", digest: "", ref: "" }, inputs);
        return performance.now() - started;
    } finally {
        session.close();
        await plugin.stop();
    }
}
