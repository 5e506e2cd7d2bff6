import { join } from "node:path";
import { ensureTools } from "../../tools/toolchain/tools";
import { PluginClient, type Wire } from "../support/pluginClient";
import type { BuildCase } from "./buildCase";
import { compare, wholeRequest } from "./compare";
import { type Component, declareAgain } from "./component";
import type { Oracle, OracleAnswer } from "./oracle";

const type = "docker-build:index:Image";

/** docker-build's plugin, which computes the hash of a build. */
export class DockerBuild {
    readonly #plugin: PluginClient;

    private constructor(plugin: PluginClient) {
        this.#plugin = plugin;
    }

    /** Starts the plugin in the folder of the program, which locations are relative to. */
    static async open(folder: string): Promise<DockerBuild> {
        const { pulumiPlugins } = await ensureTools(["pulumiPlugins"]);
        const name = "pulumi-resource-docker-build";
        const plugin = await PluginClient.spawn(
            join(pulumiPlugins, "resource-docker-build-v0.0.22", name),
            // Without DOCKER_BUILDKIT, the plugin asks a Docker daemon whether it has BuildKit.
            { cwd: folder, env: { DOCKER_BUILDKIT: "1", DOCKER_CONFIG: folder, HOME: folder } },
        );
        await plugin.configure({});
        return new DockerBuild(plugin);
    }

    close(): void {
        this.#plugin.close();
    }

    /**
     * The state of a resource with these inputs: the inputs and `contextHash`. The plugin's diff
     * compares exactly these. A preview of an update returns the hash; a preview of a creation
     * returns it as unknown.
     */
    async stateOf(inputs: object): Promise<string> {
        const news: Wire = JSON.parse(JSON.stringify(inputs));
        const olds = { ...news, contextHash: "", digest: "", ref: "" };
        const { contextHash, ...state } = await this.#plugin.update(type, "it", olds, news, {
            preview: true,
        });
        if (typeof contextHash !== "string" || !/^[0-9a-f]{64}$/.test(contextHash)) {
            throw new Error(`docker-build's hash is ${JSON.stringify(contextHash)}`);
        }
        return JSON.stringify({ contextHash, state });
    }
}

/** One image of a case at one moment between edits. */
export interface Snapshot {
    /** What docker-build compares with the next run. */
    readonly declared: string;
    /** What BuildKit makes of the whole Dockerfile and the whole context. */
    readonly result: string;
    /** Whether more files count than the image reads, as documented. */
    readonly isCoarse: boolean;
}

/** What becomes of a case between two edits. */
export type Look =
    /** Its images by target and platform. */
    | { readonly images: ReadonlyMap<string, Snapshot> }
    /** The component refuses it. `wrong` are refusals of what BuildKit builds. */
    | { readonly wrong: readonly string[] };

export interface Judges {
    readonly oracle: Oracle;
    readonly dockerBuild: DockerBuild;
    readonly component: Component;
}

/** Declares the images of a case, and asks both programs about each. */
export async function lookAt(judges: Judges, build: BuildCase): Promise<Look> {
    const { oracle, dockerBuild, component } = judges;
    const declaration = await declareAgain(component, build);
    // Nothing else is asked about the folders as they were.
    let changed = true;
    if (!("images" in declaration)) {
        // buildx or docker-build refuses these too, before it asks the frontend.
        const early =
            /namedContexts\.\w+: .*: (?:the folder does not exist|this is a file;)|expected an ignore file/;
        if ("faults" in declaration && early.test(declaration.faults)) return { wrong: [] };
        await oracle.ask({ ...wholeRequest(build, build.target, build.platforms), changed });
        const differences = await compare(oracle, build, declaration);
        return { wrong: differences.map(({ kind, detail }) => `${kind}: ${detail}`) };
    }
    const isWhole =
        build.slicing === "whole" ||
        declaration.notes.some((note) => /(?:whole|of the build) context/.test(note));
    const images = new Map<string, Snapshot>();
    for (const { request, inputs, savesMounts } of declaration.images) {
        if (savesMounts) continue;
        const { target, platforms } = request;
        const whole = await oracle.ask({ ...wholeRequest(build, target, platforms), changed });
        changed = false;
        const result = resultOf(whole, build.slicing === "whole" ? (line) => line : usual);
        // The component's stops and BuildKit's are compared elsewhere.
        if (result === undefined) continue;
        const declared = await dockerBuild.stateOf(inputs).catch((fault: unknown) => {
            // docker-build opens the targets of links, and fails on a circle of links.
            const isReported = declaration.notes.some((note) => note.includes("back to itself"));
            if (isReported && /too many levels of symbolic links/.test(String(fault))) return "";
            throw fault;
        });
        if (declared === "") return { wrong: [] };
        // All files of a named context count, and all files of the whole, as the component reports.
        const reads = whole.platforms?.flatMap((one) => one.reads) ?? [];
        const isCoarse = isWhole || reads.some(({ context }) => context !== "context");
        images.set(JSON.stringify([target, platforms]), { declared, result, isCoarse });
    }
    return { images };
}

/** What decides a result: operations, configuration and files; undefined when the build fails. */
function resultOf(
    { error, platforms = [] }: OracleAnswer,
    shown: (line: string) => string,
): string | undefined {
    const reads = platforms.flatMap((one) => one.reads);
    if (error !== undefined || reads.some((read) => read.error !== undefined)) return undefined;
    return JSON.stringify(
        platforms.map(({ operations, config, epoch, reads }) => [
            operations,
            config,
            epoch,
            reads.map(({ files = [], ...read }) => ({ ...read, files: files.map(shown) })),
        ]),
    );
}

/**
 * A line of the oracle's listing with the mode that an image gets (ADR 15): a umask decides who may
 * write, and git knows of all other bits only whether the owner may execute a file.
 */
function usual(line: string): string {
    const [, isFolder, rights = "", rest] = /^(?:-|(d))([rwx-]{9})( .*)$/s.exec(line) ?? [];
    const fits = (pattern: RegExp) => pattern.test(rights);
    if (isFolder ? fits(/^rwx(?:r.x){2}$/) : fits(/^rwx(?:r..){2}$/)) {
        return `${isFolder ?? "-"}rwxr-xr-x${rest}`;
    }
    return fits(/^rw-(?:r.-){2}$/) ? `-rw-r--r--${rest}` : line;
}

/** What the pairs of a test have shown. */
export class Tally {
    pairs = 0;
    changed = 0;
    /** Pairs that should have one hash: the result is the same, and only its files count. */
    same = 0;
    needless = 0;
    /** Needless builds of images of which more counts. */
    coarse = 0;
    refused = 0;

    /** Compares two looks at a case; returns the faults between them. */
    compare(past: Look, now: Look): string[] {
        if ("wrong" in past || "wrong" in now) return [];
        return [...now.images].flatMap(([name, { declared, result, isCoarse }]) => {
            const before = past.images.get(name);
            if (before === undefined) return [];
            this.pairs++;
            if (before.result !== result) {
                this.changed++;
                return before.declared === declared
                    ? [`${name} is stale: ${firstDifference(before.result, result)}`]
                    : [];
            }
            const needless = before.declared === declared ? 0 : 1;
            if (isCoarse || before.isCoarse) this.coarse += needless;
            else [this.same, this.needless] = [this.same + 1, this.needless + needless];
            return [];
        });
    }

    toString(): string {
        const { pairs, changed, same, needless, coarse, refused } = this;
        return `${pairs} pairs, ${changed} with another result; built without need: ${needless} of ${same}, and ${coarse} because of named contexts or of the whole context; ${refused} refused`;
    }
}

function firstDifference(one: string, other: string): string {
    let at = 0;
    while (one[at] === other[at]) at++;
    const near = (text: string) => text.slice(Math.max(0, at - 100), at + 200);
    return `${near(one)} → ${near(other)}`;
}
