import { isUnknown, type Unknown } from "./expand";
import { DockerfileError, type DockerfileFailure, Refusal } from "./failure";
import type { StageGraph } from "./graph";
import type { CopyInstruction, RunInstruction } from "./instruction";
import { readMount } from "./mount";
import type { BuildOptions } from "./options";
import type { Dockerfile } from "./parse";
import { reachOf } from "./reach";
import type { Stage, StageInstruction } from "./stage";
import { StageVariables } from "./variables";

/** One source that an instruction reads from the build context. */
export interface ContextRead {
    readonly instruction: "COPY" | "ADD" | "RUN";
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    /** The source as written. */
    readonly written: string;
    /**
     * Path from the context's root, without a slash before it; empty for the root. It holds
     * wildcards (`*`, `?`, `[…]`, each within one path component) if {@link wildcards} says so.
     */
    readonly path: string;
    readonly wildcards: boolean;
    /** `--parents`: what is taken below {@link path}, as a dockerignore-style pattern. */
    readonly include?: string;
    /** `--exclude`: dockerignore-style patterns below {@link path} that are left out. */
    readonly exclude: readonly string[];
}

/** Why all of the build context may be read. */
export interface WholeContext {
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    readonly reason: string;
}

/** A cache mount, a secret or an ssh agent that a stage uses. */
export interface MountUse {
    readonly line: number;
    /** Its id; unknown when it hangs on an unknown variable. */
    readonly id: string | Unknown;
    readonly required: boolean;
}

/** What one stage reads besides other stages and images. */
export interface StageReads {
    readonly stage: Stage;
    readonly context: readonly ContextRead[];
    /** Instructions of which it is not known what they read. */
    readonly whole: readonly WholeContext[];
    readonly caches: readonly MountUse[];
    readonly secrets: readonly MountUse[];
    readonly ssh: readonly MountUse[];
}

/** What building a target reads. */
export interface TargetReads {
    /** The stages that are built, in file order. */
    readonly stages: readonly StageReads[];
    /** Why all of the context may be read; empty when what is read is known exactly. */
    readonly whole: readonly WholeContext[];
    /** What was taken for granted, in words. */
    readonly assumptions: readonly string[];
}

/**
 * Works out what building a target reads of the build context.
 *
 * @throws DockerfileError carrying every instruction of the stages built that BuildKit would not
 * take.
 */
export function readsOf(
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: BuildOptions = {},
): TargetReads {
    const reach = reachOf(graph);
    const failures: DockerfileFailure[] = [];
    const ends = new Map<number, StageVariables>();
    const stages = reach.stages.map((stage) => {
        const variables = startOf(stage, dockerfile, graph, options, ends);
        ends.set(stage.index, variables);
        return new Reader(stage, variables, failures).read();
    });
    if (failures.length > 0) throw new DockerfileError(failures);
    const whole = stages.flatMap((stage) => stage.whole);
    const line = dockerfile.stages[0]?.instructions[0]?.line ?? 1;
    const reason = dockerfile.opaque ?? reach.unknown ?? frontendArg(options);
    if (reason !== undefined) whole.unshift({ line, reason });
    return { stages, whole, assumptions: assumptionsOf(reach.stages, options) };
}

function frontendArg(options: BuildOptions): string | undefined {
    return options.buildArgs?.["BUILDKIT_SYNTAX"] === undefined
        ? undefined
        : "the build argument BUILDKIT_SYNTAX names another frontend, which may read it differently";
}

/** The variables a stage begins with: those its base ends with. */
function startOf(
    stage: Stage,
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: BuildOptions,
    ends: ReadonlyMap<number, StageVariables>,
): StageVariables {
    const { base } = stage;
    const end = base.kind === "stage" ? ends.get(base.index)?.snapshot() : undefined;
    const known = base.kind === "image" ? options.baseImages?.[base.reference] : undefined;
    const values = new Map(Object.entries(known?.env ?? {}));
    const start = end ?? { values, beyond: known === undefined ? beyondOf(stage) : undefined };
    return new StageVariables(start, graph.globals, options, dockerfile.directives.escape);
}

function beyondOf({ base }: Stage): string | undefined {
    switch (base.kind) {
        case "image":
            return `the image ${base.reference} may set it`;
        case "context":
            return `the named context ${base.name} may set it`;
        case "unknown":
            return "what the stage is built on may set it";
        default:
            return undefined;
    }
}

function assumptionsOf(stages: readonly Stage[], options: BuildOptions): string[] {
    const images = stages.flatMap(({ base }) =>
        base.kind === "image" && options.baseImages?.[base.reference] === undefined
            ? [base.reference]
            : [],
    );
    return [...new Set(images)].map((image) => `${image} carries no ONBUILD triggers`);
}

/** Runs through one stage's instructions in order. */
class Reader {
    private readonly stage: Stage;
    private readonly variables: StageVariables;
    private readonly failures: DockerfileFailure[];
    private readonly context: ContextRead[] = [];
    private readonly whole: WholeContext[] = [];
    private readonly caches: MountUse[] = [];
    private readonly secrets: MountUse[] = [];
    private readonly ssh: MountUse[] = [];

    constructor(stage: Stage, variables: StageVariables, failures: DockerfileFailure[]) {
        this.stage = stage;
        this.variables = variables;
        this.failures = failures;
    }

    read(): StageReads {
        this.readBase();
        for (const instruction of this.stage.instructions) {
            try {
                this.readInstruction(instruction);
            } catch (cause) {
                if (!(cause instanceof Refusal)) throw cause;
                this.failures.push({ line: instruction.line, reason: cause.message });
            }
        }
        const { stage, context, whole, caches, secrets, ssh } = this;
        return { stage, context, whole, caches, secrets, ssh };
    }

    /** Images made to be built on with triggers say so in their names (`node:20-onbuild`). */
    private readBase(): void {
        const { base, line } = this.stage;
        if (base.kind !== "image" || !/onbuild/i.test(base.reference)) return;
        if (this.stage.instructions.some(({ triggered }) => triggered)) return;
        const reason = `the image ${base.reference} may carry ONBUILD triggers that copy files`;
        this.whole.push({ line, reason });
    }

    private readInstruction({ body, line }: StageInstruction): void {
        switch (body.kind) {
            case "arg":
                this.variables.declareArgs(body.args);
                return;
            case "env":
                this.variables.assign(body.pairs);
                return;
            case "copy":
                if (body.from === undefined) this.readCopy(body, line);
                return;
            case "run":
                this.readRun(body, line);
                return;
            default:
        }
    }

    private readCopy(copy: CopyInstruction, line: number): void {
        for (const written of copy.sources) {
            const source = this.variables.expand(written);
            if (isUnknown(source)) {
                const reason = `${copy.keyword} ${written}: ${source.unknown}`;
                this.whole.push({ line, reason });
            } else if (!isRemote(copy, source)) {
                this.context.push({
                    instruction: copy.keyword,
                    line,
                    written,
                    ...placeOf(copy, source),
                    exclude: copy.exclude,
                });
            }
        }
    }

    private readRun(run: RunInstruction, line: number): void {
        for (const text of run.mounts) {
            const mount = readMount(text, (word) => this.variables.expand(word));
            const use = (id: string | Unknown) => ({ line, id, required: mount.required });
            const fallback = isUnknown(mount.target) ? mount.target : baseName(mount.target);
            const unknown = [mount.type, mount.source].find(isUnknown);
            switch (mount.type) {
                case "cache":
                    this.caches.push(use(mount.id || cleanTarget(mount.target)));
                    break;
                case "secret":
                    this.secrets.push(use(mount.id || mount.source || fallback));
                    break;
                case "ssh":
                    this.ssh.push(use(mount.id || "default"));
                    break;
                case "tmpfs":
                    break;
                default:
                    if (mount.from !== undefined) break;
                    if (unknown !== undefined) {
                        this.whole.push({
                            line,
                            reason: `RUN --mount=${text}: ${unknown.unknown}`,
                        });
                    } else if (typeof mount.source === "string") {
                        this.context.push({
                            instruction: "RUN",
                            line,
                            written: mount.source,
                            path: cleanPath(mount.source),
                            wildcards: false,
                            exclude: [],
                        });
                    }
            }
        }
    }
}

/** Whether a source comes from elsewhere than the context. @throws Refusal for COPY of a URL */
function isRemote(copy: CopyInstruction, source: string): boolean {
    if (!isRemoteSource(source)) return false;
    if (copy.keyword === "ADD") return true;
    throw new Refusal(`COPY ${source}: COPY takes files of the context only; ADD fetches URLs`);
}

/** Whether BuildKit 0.31 fetches an ADD source: http(s), git and ssh URLs, and `git@host:path`. */
export function isRemoteSource(source: string): boolean {
    return (
        /^(?:https?|git|ssh):\/\//i.test(source) ||
        /^[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:.+$/.test(source)
    );
}

function placeOf(copy: CopyInstruction, source: string) {
    if (!copy.parents) return { path: cleanPath(source), wildcards: hasWildcards(source) };
    const pivot = source.indexOf("/./");
    const base = pivot < 0 ? "" : source.slice(0, pivot);
    const below = pivot < 0 ? source : source.slice(pivot + 3);
    return { path: cleanPath(base), wildcards: hasWildcards(base), include: cleanPath(below) };
}

/** A path from the root without dots and double slashes, `..` held at the root. */
export function cleanPath(path: string): string {
    const parts: string[] = [];
    for (const part of path.split("/")) {
        if (part === "..") parts.pop();
        else if (part !== "" && part !== ".") parts.push(part);
    }
    return parts.join("/");
}

/** Whether a path holds `*`, `?` or `[` that is not escaped. */
export function hasWildcards(path: string): boolean {
    return /^(?:[^\\*?[]|\\.)*[*?[]/s.test(path);
}

/** A cache mount's id defaults to its target without dots and double slashes. */
function cleanTarget(target: string | Unknown): string | Unknown {
    if (isUnknown(target)) return target;
    const path = cleanPath(target);
    return target.startsWith("/") ? `/${path}` : path || ".";
}

function baseName(target: string): string {
    return cleanPath(target).split("/").at(-1) ?? "";
}
