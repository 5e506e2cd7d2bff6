import { posix } from "node:path";
import { isUnknown, mayBe, type Value } from "../dockerfile/expand";
import { stageNumber } from "../dockerfile/graph";
import type { FromInstruction } from "../dockerfile/instruction";
import { cacheOptions } from "../dockerfile/mount";
import type { BuildOptions } from "../dockerfile/options";
import type { Dockerfile, Instruction } from "../dockerfile/parse";
import { chainOf } from "../dockerfile/reachableStages";
import { familiarName } from "../dockerfile/reference";
import type { Stage, StageGraph } from "../dockerfile/stage";
import type { CacheUse, StageReads } from "../dockerfile/stageReads";
import { findAllReads } from "../dockerfile/targetReads";
import { type CarriedMount, restoreFlag } from "../mounts/stages";
import { shortHash } from "../text/shortHash";
import { hasShell } from "./baseShell";
import { isPlainMount, type RunFlags } from "./runFlags";
import type { StandIns } from "./standIn";

/** Cache mounts to add, by stage: the paths of their targets. */
export type AddedMounts = Readonly<Record<string, readonly string[]>>;

/** What to change in a Dockerfile for its cache mounts. */
export interface MountChanges {
    readonly carried: readonly CarriedMount[];
    /** The mounts to restore before a stage, by the stage's index. */
    readonly before: ReadonlyMap<number, readonly CarriedMount[]>;
    /** The flags to change, by the line of their RUN. */
    readonly flags: ReadonlyMap<number, RunFlags>;
    /** Where each RUN finds a carried mount. */
    readonly targets: readonly CarriedTarget[];
    /** Why mounts are not carried. */
    readonly notes: readonly string[];
}

/** A RUN, and a path at which it finds a carried mount. */
export interface CarriedTarget {
    readonly run: Instruction;
    readonly target: Value;
}

/** Input of {@link planMounts}. */
export interface MountRequest {
    readonly dockerfile: Dockerfile;
    readonly graph: StageGraph;
    /** How the image is built. @default as without arguments */
    readonly options?: BuildOptions | undefined;
    readonly stages: readonly StageReads[];
    readonly added: AddedMounts;
    /**
     * What the ids of carried mounts begin with. All builds on a builder share a mount without an
     * id, so its save would contain files of other projects. Undefined to add mounts and carry none.
     */
    readonly namespace: string | undefined;
    readonly standIns: StandIns;
}

/** Plans which cache mounts the stages of a slice get, and which of them are carried. */
export function planMounts(request: MountRequest): MountChanges {
    const planner = new Planner(request);
    for (const reads of request.stages) planner.takeStage(reads);
    return planner;
}

/** A cache mount of a RUN, and its carried form or why it cannot be carried. */
interface Sharer {
    readonly use: CacheUse;
    readonly made: CarriedMount | string;
}

interface OpenFlags extends RunFlags {
    readonly added: string[];
    readonly replaced: Map<string, string>;
}

class Planner implements MountChanges {
    readonly carried: CarriedMount[] = [];
    readonly before = new Map<number, CarriedMount[]>();
    readonly flags = new Map<number, OpenFlags>();
    readonly targets: CarriedTarget[] = [];
    readonly notes: string[] = [];
    private readonly request: MountRequest;
    /**
     * Highest number by which a `COPY --from` names a stage; the stages up to it must keep their
     * numbers. -1 for none. Stages that the target does not use count too: with a carried mount, a
     * `RUN` has a different cache key, and all images of the component share its result.
     */
    private readonly numberedTo: number;
    /** Whether a stage has the name of the empty image. */
    private readonly hasScratch: boolean;
    /** The mounts of all stages that builds can share, for the same reason. */
    private readonly sharers: readonly Sharer[];

    constructor(request: MountRequest) {
        this.request = request;
        const { stages } = request.graph;
        const numbers = stages.flatMap(({ edges }) =>
            edges.flatMap(({ written, source }) =>
                source.kind === "stage" && stageNumber(written) !== undefined ? [source.index] : [],
            ),
        );
        this.numberedTo = Math.max(-1, ...numbers);
        this.hasScratch = stages.some(({ name }) => name === "scratch");
        this.sharers = request.namespace === undefined ? [] : this.findSharers();
    }

    takeStage(reads: StageReads): void {
        const { stage } = reads;
        for (const run of this.runsOf(stage)) {
            const { line } = run;
            const restores = new Set<string>();
            for (const use of this.usesAt(line, reads, (text) => this.note(text))) {
                const mount = this.carry(stage, run, use);
                const { id, written } = use;
                if (written === "" && !isUnknown(id)) {
                    this.flagsOf(line).added.push(`${mount?.options ?? "type=cache"},target=${id}`);
                }
                if (mount === undefined) continue;
                restores.add(restoreFlag(mount));
                this.targets.push({ run, target: use.target });
            }
            if (restores.size > 0) this.flagsOf(line).added.push(...restores);
        }
    }

    private runsOf({ isReplaced, index }: Stage): readonly Instruction[] {
        const { instructions = [] } = this.request.dockerfile.stages[index] ?? {};
        return isReplaced ? [] : instructions.filter(({ body }) => body.kind === "run");
    }

    /**
     * The cache mounts of a RUN: those that it has, and those to add.
     *
     * @param note receives why a mount is not added
     */
    private usesAt(
        line: number,
        { stage, caches, targets }: StageReads,
        note: (text: string) => void = () => undefined,
    ): readonly CacheUse[] {
        const entries = Object.entries(this.request.added);
        const [, added = []] = entries.find(([name]) => name.toLowerCase() === stage.name) ?? [];
        const missing = added.filter((path) => {
            for (const { line: at, target } of targets) {
                if (at !== line) continue;
                if (target === path) return false;
                if (!isUnknown(target) || !mayBe(target, path)) continue;
                note(
                    `line ${line}: the cache mount ${path} is not added: the RUN may have a mount there: ${target.unknown}`,
                );
                return false;
            }
            return true;
        });
        return [
            ...caches.filter((one) => one.line === line),
            ...missing.map((id) => ({ line, id, hasId: false, target: id, written: "" })),
        ];
    }

    private findSharers(): readonly Sharer[] {
        const { dockerfile, graph, options } = this.request;
        return findAllReads(dockerfile, graph, options).flatMap((reads) =>
            this.runsOf(reads.stage).flatMap((run) =>
                this.usesAt(run.line, reads)
                    // BuildKit gives a mount that starts from a stage or an image a folder of its own.
                    .filter(({ from }) => from === undefined)
                    .map((use) => ({ use, made: this.carriedMount(reads.stage, run, use) })),
            ),
        );
    }

    /** Why a mount must keep its name: another RUN shares it under this name, and keeps it. */
    private keptBy(use: CacheUse, { name }: CarriedMount): string | undefined {
        const { id } = use;
        if (keepsId(use) || isUnknown(id)) return undefined;
        const other = this.sharers.find(({ use: theirs, made }) => {
            if (isUnknown(theirs.id)) return mayBe(theirs.id, id);
            return theirs.id === id && (typeof made === "string" || made.name !== name);
        });
        if (other === undefined) return undefined;
        const shares = isUnknown(other.use.id) ? "may share" : "shares";
        return `the RUN in line ${other.use.line} ${shares} it, and its mount ${
            typeof other.made === "string" ? "cannot be carried" : "has the same id by name"
        }`;
    }

    private carry(stage: Stage, run: Instruction, use: CacheUse): CarriedMount | undefined {
        if (this.request.namespace === undefined) return undefined;
        const { line } = run;
        const own = this.carriedMount(stage, run, use);
        const made = typeof own === "string" ? own : (this.keptBy(use, own) ?? own);
        if (typeof made === "string") {
            const id = isUnknown(use.id) ? "a cache mount" : `the cache mount ${use.id}`;
            this.note(`line ${line}: ${id} is not carried: ${made}`);
            return undefined;
        }
        if (!this.carried.some(({ key }) => key === made.key)) {
            this.carried.push(made);
            this.before.set(stage.index, [...(this.before.get(stage.index) ?? []), made]);
        }
        const { written } = use;
        // The last id of a mount counts.
        if (!keepsId(use) && written !== "") {
            this.flagsOf(line).replaced.set(written, `${written},id=${made.name}`);
        }
        return made;
    }

    /** The carried form of a mount, or why it cannot be carried. */
    private carriedMount(stage: Stage, run: Instruction, use: CacheUse): CarriedMount | string {
        const { standIns, dockerfile, graph, namespace = "" } = this.request;
        const { id, from, cache } = use;
        const values = cacheOptions.map((name) => [name, cache?.[name] ?? ""] as const);
        const unknown = [id, ...values.map(([, value]) => value)].find(isUnknown);
        if (isUnknown(id) || unknown !== undefined) {
            return unknown?.unknown ?? "its id is unknown";
        }
        if (from !== undefined) return `it starts from ${from}`;
        if (!isPlain(id))
            return "its id contains characters that have a special meaning in a Dockerfile";
        if (!keepsId(use) && use.written !== "" && !isPlainMount(run, use.written))
            return "its --mount has quotes or escapes, or continues on another line; write it in one piece";
        if (this.hasScratch) return 'a stage has the name "scratch"; give the stage another name';
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
        const name = keepsId(use) ? id : `${namespace}:${id}`;
        const options = ["type=cache", `id=${name}`, ...given].join(",");
        const named = options.replace(/,sharing=\w+/, "");
        return {
            key: shortHash(named),
            id,
            name,
            options,
            image: `${platform}${imageName(standIns.get(familiarName(reference)) ?? reference)}`,
            base: reference,
        };
    }

    private flagsOf(line: number): OpenFlags {
        const flags = this.flags.get(line) ?? { added: [], replaced: new Map() };
        this.flags.set(line, flags);
        return flags;
    }

    private note(text: string): void {
        if (!this.notes.includes(text)) this.notes.push(text);
    }
}

/**
 * Whether a carried mount keeps the id in the Dockerfile. An absolute path is no choice: it is the id
 * that BuildKit gives to a mount at that path.
 */
function keepsId({ id, hasId }: CacheUse): boolean {
    return hasId && !isUnknown(id) && !id.startsWith("/");
}

/** A name for `FROM` that means an image, even when a stage is called `debian`. */
function imageName(reference: string): string {
    return /[/:@]/.test(reference) ? reference : `docker.io/library/${reference}`;
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
