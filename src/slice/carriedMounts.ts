import { posix } from "node:path";
import { isUnknown, type Value } from "../dockerfile/expand";
import { stageNumber } from "../dockerfile/graph";
import type { FromInstruction } from "../dockerfile/instruction";
import { cacheOptions, readMount } from "../dockerfile/mount";
import type { Dockerfile, Instruction } from "../dockerfile/parse";
import { chainOf } from "../dockerfile/reachableStages";
import { familiarName } from "../dockerfile/reference";
import type { Stage, StageGraph } from "../dockerfile/stage";
import type { CacheUse, StageReads } from "../dockerfile/stageReads";
import { type CarriedMount, restoreFlag } from "../mounts/stages";
import { shortHash } from "../text/shortHash";
import { hasShell } from "./baseShell";

/** Cache mounts to add, by stage: the paths of their targets. */
export type AddedMounts = Readonly<Record<string, readonly string[]>>;

/** What to change in a Dockerfile for its cache mounts. */
export interface MountChanges {
    readonly carried: readonly CarriedMount[];
    /** The mounts to restore before a stage, by the stage's index. */
    readonly before: ReadonlyMap<number, readonly CarriedMount[]>;
    /** Flags to add to a RUN, by its line. */
    readonly flags: ReadonlyMap<number, readonly string[]>;
    /** Why mounts are not carried. */
    readonly notes: readonly string[];
}

/** Input of {@link planMounts}. */
export interface MountRequest {
    readonly dockerfile: Dockerfile;
    readonly graph: StageGraph;
    readonly stages: readonly StageReads[];
    readonly added: AddedMounts;
    /** Whether to carry the mounts, or only to add them. */
    readonly carries: boolean;
    /** Names that replace images in FROM, by the image's familiar name. */
    readonly standIns: ReadonlyMap<string, string>;
}

/** Plans which cache mounts the stages of a slice get, and which of them are carried. */
export function planMounts(request: MountRequest): MountChanges {
    const planner = new Planner(request);
    for (const reads of request.stages) planner.takeStage(reads);
    return planner;
}

class Planner implements MountChanges {
    readonly carried: CarriedMount[] = [];
    readonly before = new Map<number, CarriedMount[]>();
    readonly flags = new Map<number, string[]>();
    readonly notes: string[] = [];
    private readonly request: MountRequest;
    /**
     * Highest number by which a `COPY --from` names a stage; the stages up to it must keep their
     * numbers. -1 for none. Stages that the target does not use count too: with a carried mount, a
     * `RUN` has a different cache key, and all images of the component share its result.
     */
    private readonly numberedTo: number;

    constructor(request: MountRequest) {
        this.request = request;
        const numbers = request.graph.stages.flatMap(({ edges }) =>
            edges.flatMap(({ written, source }) =>
                source.kind === "stage" && stageNumber(written) !== undefined ? [source.index] : [],
            ),
        );
        this.numberedTo = Math.max(-1, ...numbers);
    }

    takeStage({ stage, caches }: StageReads): void {
        const { dockerfile, added } = this.request;
        if (stage.isReplaced) return;
        const runs = (dockerfile.stages[stage.index]?.instructions ?? []).filter(
            ({ body }) => body.kind === "run",
        );
        const targets = Object.entries(added).find(([name]) => name.toLowerCase() === stage.name);
        for (const run of runs) {
            const own = caches.filter(({ line }) => line === run.line);
            const more = (targets?.[1] ?? []).filter((target) => !mountsAt(run, target));
            for (const target of more) this.add(run.line, `type=cache,target=${target}`);
            this.carry(stage, run.line, [...own, ...more.map((id) => ({ line: run.line, id }))]);
        }
    }

    private carry(stage: Stage, line: number, uses: readonly CacheUse[]): void {
        if (!this.request.carries) return;
        const mounts = uses.flatMap((use) => {
            const made = this.carriedMount(stage, use);
            if (typeof made !== "string") return [made];
            const id = isUnknown(use.id) ? "a cache mount" : `the cache mount ${use.id}`;
            this.note(`line ${line}: ${id} is not carried: ${made}`);
            return [];
        });
        for (const mount of new Map(mounts.map((one) => [one.key, one])).values()) {
            if (!this.carried.some(({ key }) => key === mount.key)) {
                this.carried.push(mount);
                this.before.set(stage.index, [...(this.before.get(stage.index) ?? []), mount]);
            }
            this.add(line, restoreFlag(mount));
        }
    }

    /** The carried form of a mount, or why it cannot be carried. */
    private carriedMount(stage: Stage, { id, from, cache }: CacheUse): CarriedMount | string {
        const { standIns, dockerfile, graph } = this.request;
        const values = cacheOptions.map((name) => [name, cache?.[name] ?? ""] as const);
        const unknown = [id, ...values.map(([, value]) => value)].find(isUnknown);
        if (isUnknown(id) || unknown !== undefined) {
            return unknown?.unknown ?? "its id is unknown";
        }
        if (from !== undefined) return `it starts from ${from}`;
        if (!isPlain(id))
            return "its id contains characters that have a special meaning in a Dockerfile";
        if (stage.index <= this.numberedTo)
            return "a COPY --from names a stage by number; use the name of the stage";
        const chain = chainOf(graph, stage).toReversed();
        const [root] = chain;
        if (root?.base.kind !== "image") return "its stage is not built on an image";
        const before = chain.flatMap(({ index }) => dockerfile.stages[index]?.instructions ?? []);
        if (!hasShell(before)) {
            return "the base image of its stage may have no /bin/sh; start the stage with a RUN in shell form to show that it has one";
        }
        const { reference } = root.base;
        const platform = platformFlag(root.platform, dockerfile.stages[root.index]?.from);
        if (platform === undefined) return "the platform of its stage is unknown";
        const given = values.flatMap(([name, value]) => (value === "" ? [] : [`${name}=${value}`]));
        const options = ["type=cache", `id=${id}`, ...given].join(",");
        const named = options.replace(/,sharing=\w+/, "");
        return {
            key: shortHash(named),
            id,
            options,
            image: `${platform}${standIns.get(familiarName(reference)) ?? reference}`,
            base: reference,
        };
    }

    private add(line: number, mount: string): void {
        this.flags.set(line, [...(this.flags.get(line) ?? []), `--mount=${mount}`]);
    }

    private note(text: string): void {
        if (!this.notes.includes(text)) this.notes.push(text);
    }
}

/** Whether a RUN has a mount at a path, judged by paths written without variables. */
function mountsAt({ body }: Instruction, target: string): boolean {
    return (
        body.kind === "run" &&
        body.mounts.some((text) => readMount(text, (word) => word).target === target)
    );
}

/**
 * Whether a path can be the target of an added mount: absolute, cleaned, and without special
 * characters.
 */
export function isMountTarget(path: string): boolean {
    return (
        path.length > 1 &&
        isPlain(path) &&
        posix.normalize(path) === path &&
        /^\/.*[^/]$/.test(path)
    );
}

/** Whether a mount option can contain a text without quotes or escapes. */
function isPlain(text: string): boolean {
    return /^[\w./:@+~-]+$/.test(text);
}

/** `--platform` for the image of a stage; undefined when only a build knows it. */
function platformFlag(
    platform: Value | undefined,
    from: FromInstruction | undefined,
): string | undefined {
    if (platform === undefined) return "";
    if (!isUnknown(platform)) return `--platform=${platform} `;
    const written = from?.platform ?? "";
    return /^\$(?:\{BUILDPLATFORM\}|BUILDPLATFORM)$/.test(written)
        ? `--platform=${written} `
        : undefined;
}
