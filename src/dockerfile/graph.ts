import { parsePlatform } from "../oci/platform";
import { epochSource } from "./epoch";
import { expand, isUnknown, mayBe } from "./expand";
import { attempt, DockerfileError, type DockerfileFailure, InstructionError } from "./failure";
import { unknownStage } from "./mistyped";
import { readMountFrom } from "./mount";
import type { BuildOptions } from "./options";
import { orderFailures } from "./order";
import type { Dockerfile, ParsedStage } from "./parse";
import { findReachableStages } from "./reachableStages";
import { checkReference, familiarName, isContextName } from "./reference";
import type { Base, Edge, Source, Stage, StageGraph, StageInstruction } from "./stage";
import { readTrigger } from "./trigger";
import { globalVariables, lookupIn, unknownBuildArgs, type Variables } from "./variables";

/**
 * Resolves the names of a Dockerfile's stages and of the target.
 *
 * @throws DockerfileError with every failure: a target or stage number that does not exist, a stage
 * that depends on itself or on a later stage, a base with an empty name.
 */
export function resolveStages(dockerfile: Dockerfile, options: BuildOptions = {}): StageGraph {
    const { variables: globals, failures } = globalVariables(dockerfile, options);
    const resolver = new Resolver(dockerfile, options, globals);
    const named = dockerfile.stages.map((stage) => resolver.stage(stage));
    const target = findTarget(named, options.target);
    const all = [...failures, ...resolver.failures];
    if (target === undefined) {
        const none = named.length === 0 ? noStage(dockerfile) : noTarget(named, options.target);
        throw new DockerfileError([...all, none]);
    }
    const isSound = all.length === 0;
    const stages = isSound ? resolver.withTriggers(named, target.index) : named;
    const epoch = resolver.epochSource(named);
    const built = stages[target.index] ?? target;
    const reach = findReachableStages({ stages, target: built });
    const order = isSound ? orderFailures(stages, reach.certain) : [];
    const found = [...failures, ...resolver.failures, ...order];
    if (found.length > 0) throw new DockerfileError(found);
    // The frontend comes last: bases can be pinned although a newer version reads the file.
    const beyond = resolver.beyond ?? epoch ?? reach.unknown ?? dockerfile.opaque;
    return { stages, target: built, globals, ...(beyond === undefined ? {} : { beyond }) };
}

function findTarget(stages: readonly Stage[], target: string | undefined): Stage | undefined {
    if (target === undefined || target === "") return stages.at(-1);
    return stages.findLast((stage) => stage.name === target.toLowerCase());
}

function noStage({ opaque = "the file has no stage to build" }: Dockerfile): DockerfileFailure {
    return { reason: opaque };
}

function noTarget(stages: readonly Stage[], target = ""): DockerfileFailure {
    const names = stages.flatMap((stage) => stage.name ?? []);
    return { reason: unknownStage(target, names) };
}

/** Resolves names while stages are added in order. */
class Resolver {
    readonly failures: DockerfileFailure[] = [];
    /** Why a build may need more of the Dockerfile than the edges between stages show. */
    beyond: string | undefined;
    private readonly dockerfile: Dockerfile;
    private readonly options: BuildOptions;
    private readonly globals: Variables;
    private readonly contexts: ReadonlyMap<string, string>;
    /** Stages added so far: those that FROM can name. */
    private readonly added: Stage[] = [];
    /** The last stage of each name. */
    private readonly lastOfName: ReadonlyMap<string, number>;
    /** Names in --from and --mount that are not stages: BuildKit gives them the next numbers. */
    private readonly numbered: Source[] = [];

    constructor(dockerfile: Dockerfile, options: BuildOptions, globals: Variables) {
        this.dockerfile = dockerfile;
        this.options = options;
        this.globals = globals;
        this.contexts = new Map(
            (options.namedContexts ?? []).map((name) => [familiarName(name), name]),
        );
        this.lastOfName = new Map(
            dockerfile.stages.flatMap(({ from, index }) =>
                from.name === undefined ? [] : [[from.name, index] as const],
            ),
        );
        this.beyond = beyondStages(options);
    }

    stage(parsed: ParsedStage): Stage {
        const { from, index, instructions } = parsed;
        const line = instructions[0]?.line ?? 0;
        const { name = "" } = from;
        const context = isContextName(name) ? this.contexts.get(name) : undefined;
        const base = this.attempt(line, () => this.base(from.base)) ?? { kind: "scratch" };
        const own = instructions
            .slice(1)
            .map(({ line, body }) => ({ line, body, triggered: false }));
        const ownEdges = own.flatMap((one) => this.attempt(one.line, () => this.edges(one)) ?? []);
        this.attempt(line, () => checkStageName(from.name));
        const stage: Stage = {
            index,
            name: from.name,
            label: from.name ?? `stage ${index}`,
            line,
            base: context === undefined ? base : { kind: "context", name: context },
            isReplaced: context !== undefined,
            platform: this.attempt(line, () => this.platform(from.platform)),
            ownEdges,
            edges: context === undefined ? ownEdges : [],
            instructions: context === undefined ? own : [],
        };
        this.added.push(stage);
        return stage;
    }

    private base(written: string): Base {
        const expanded = expand(written, lookupIn(this.globals), this.dockerfile.directives.escape);
        if (isUnknown(expanded)) {
            const reason = `"FROM ${written}": ${expanded.unknown}`;
            const names = new Map(this.added.map(({ name = "", index }) => [name, index]));
            const stages = [...names].filter(([name]) => name !== "" && mayBe(expanded, name));
            return {
                kind: "unknown",
                expression: written,
                reason,
                stages: stages.map(([, index]) => index),
            };
        }
        if (expanded === "") {
            throw new InstructionError(
                `FROM ${written}: the name is empty after its variables are expanded; set the ` +
                    "build argument, or a default in an ARG before the first FROM",
            );
        }
        // Unlike --from, FROM is case-sensitive; names of stages are stored in lower case.
        const stage = this.added.findLast((one) => one.name === expanded);
        if (stage !== undefined) return { kind: "stage", index: stage.index };
        const lower = this.added.findLast((one) => one.name === expanded.toLowerCase());
        if (lower !== undefined) {
            throw new InstructionError(
                `FROM ${written}: write stage "${lower.name}" in lower case`,
            );
        }
        return this.external(expanded);
    }

    private external(name: string): Source {
        if (name === "scratch") return { kind: "scratch" };
        checkReference(name);
        const context = this.contexts.get(familiarName(name));
        return context === undefined
            ? { kind: "image", reference: name }
            : { kind: "context", name: context };
    }

    private platform(written: string | undefined) {
        if (written === undefined) return undefined;
        const escapeChar = this.dockerfile.directives.escape;
        const platform = expand(written, lookupIn(this.globals), escapeChar);
        if (platform === "") {
            throw new InstructionError(
                `FROM --platform=${written}: the platform is empty after its variables are expanded`,
            );
        }
        if (!isUnknown(platform) && parsePlatform(platform) === undefined) {
            throw new InstructionError(
                `"${platform}" is not a platform; expected os/architecture or os/architecture/variant, such as linux/arm64`,
            );
        }
        return platform;
    }

    /** The stages with the triggers that run when one of them is built. */
    withTriggers(named: readonly Stage[], target: number): readonly Stage[] {
        const stages = [...named];
        const done = new Set<number>();
        for (let start = stages[target]; start !== undefined; ) {
            const { stages: reached, certain } = findReachableStages({ stages, target: start });
            const next = reached.filter(({ index }) => !done.has(index));
            for (const stage of next) {
                done.add(stage.index);
                const failureCount = this.failures.length;
                stages[stage.index] = this.withTriggersOf(stage);
                if (!certain.has(stage.index)) this.failures.length = failureCount;
            }
            start = next.length === 0 ? undefined : stages[target];
        }
        return stages;
    }

    private withTriggersOf(stage: Stage): Stage {
        const { line, isReplaced, instructions } = stage;
        const run = this.triggersOf(stage.base).flatMap((trigger) => {
            const body = this.attempt(line, () => readTrigger(trigger));
            return body === undefined ? [] : [{ line, body, triggered: true }];
        });
        if (run.length === 0) return stage;
        const edges = run.flatMap((one) => this.attempt(line, () => this.edges(one)) ?? []);
        // BuildKit resolves what the triggers of a replaced stage name, and does not run them.
        return {
            ...stage,
            instructions: isReplaced ? instructions : [...run, ...instructions],
            edges: [...edges, ...stage.edges],
        };
    }

    private triggersOf(base: Base): readonly string[] {
        const { stages } = this.dockerfile;
        switch (base.kind) {
            case "stage":
                return onbuildTriggers(stages[base.index]);
            case "unknown":
                if (base.stages.some((index) => onbuildTriggers(stages[index]).length > 0)) {
                    this.beyond ??= base.reason;
                }
                return [];
            case "image":
                return this.options.baseImages?.[base.reference]?.triggers ?? [];
            case "context":
                return this.options.baseImages?.[base.name]?.triggers ?? [];
            default:
                return [];
        }
    }

    epochSource(stages: readonly Stage[]): string | undefined {
        return this.attempt(undefined, () => epochSource(stages, this.globals, this.options));
    }

    private edges({ line, body }: StageInstruction): Edge[] {
        if (body.kind === "copy" && body.from !== undefined) {
            const source = this.copySource(body.from);
            return [{ instruction: "COPY", line, written: body.from, source }];
        }
        if (body.kind !== "run") return [];
        return body.mounts.flatMap((mount) => {
            const written = readMountFrom(mount);
            // BuildKit looks up "scratch" for a mount with an empty name.
            const source = this.namedSource(written ?? "scratch");
            if (written === undefined && source.kind === "scratch") return [];
            return [{ instruction: "RUN", line, written: written ?? "scratch", source }];
        });
    }

    private copySource(written: string): Source {
        const plain = expand(written, () => undefined, this.dockerfile.directives.escape);
        if (plain !== written) {
            throw new InstructionError(
                `COPY --from=${written}: "--from" does not expand variables; give the image its own stage ` +
                    `(FROM ${written} AS name) and name that stage`,
            );
        }
        const index = stageNumber(written);
        if (index === undefined) return this.namedSource(written);
        const count = this.dockerfile.stages.length;
        if (index >= 0 && index < count) return { kind: "stage", index };
        const numbered = this.numbered[index - count];
        if (numbered === undefined) {
            throw new InstructionError(
                `COPY --from=${written}: stages are numbered 0 to ${count - 1}`,
            );
        }
        this.beyond ??= `"COPY --from=${written}" means an image that another --from names`;
        return numbered;
    }

    /** Unlike FROM, --from sees all stages, prefers the last stage of a name, and ignores case. */
    private namedSource(written: string): Source {
        const index = this.lastOfName.get(written.toLowerCase());
        if (index !== undefined) return { kind: "stage", index };
        const source = this.external(written);
        this.numbered.push(source);
        return source;
    }

    private attempt<T>(line: number | undefined, work: () => T): T | undefined {
        return attempt(this.failures, line, work);
    }
}

/** The triggers that run in stages built on this stage. */
function onbuildTriggers(stage: ParsedStage | undefined): readonly string[] {
    return (stage?.instructions ?? []).flatMap(({ body }) =>
        body.kind === "onbuild" ? [body.trigger] : [],
    );
}

/** The number that `COPY --from` means; undefined for a name. */
export function stageNumber(written: string): number | undefined {
    if (!/^[+-]?\d+$/.test(written)) return undefined;
    const number = Number(written);
    // Go does not parse greater numbers.
    return Math.abs(number) < 2 ** 63 ? number : undefined;
}

/** A named context replaces the stage of its name. BuildKit normalizes both as image names. */
function checkStageName(name: string | undefined): void {
    if (name !== undefined && isContextName(name)) checkReference(name);
}

/** Why a build with these options may read more of a Dockerfile than its stages. */
function beyondStages(options: BuildOptions): string | undefined {
    if (options.buildArgs === "unknown") return unknownBuildArgs.unknown;
    if (options.buildArgs?.["BUILDKIT_SYNTAX"] !== undefined) {
        return "the build argument BUILDKIT_SYNTAX names another frontend, which may read the file differently";
    }
    const context = options.namedContexts?.find((name) => name.includes("::"));
    return context && `the named context "${context}" is limited to one platform`;
}
