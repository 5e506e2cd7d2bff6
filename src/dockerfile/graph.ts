import { expand, isUnknown } from "./expand";
import { DockerfileError, type DockerfileFailure, nearest, Refusal } from "./failure";
import { type InstructionBody, readImageTrigger } from "./instruction";
import { readMountFrom } from "./mount";
import type { BuildOptions } from "./options";
import { orderFailures } from "./order";
import type { Dockerfile, ParsedStage } from "./parse";
import { checkReference, familiarName } from "./reference";
import type { Base, Edge, Source, Stage, StageInstruction } from "./stage";
import { globalVariables, lookupIn, type Variables } from "./variables";

/** The stages of a Dockerfile and what each takes from the others. */
export interface StageGraph {
    readonly stages: readonly Stage[];
    /** The stage that is built. */
    readonly target: Stage;
    /** The variables FROM sees. */
    readonly globals: Variables;
}

/**
 * Looks up the names of a Dockerfile's stages and the target.
 *
 * @throws DockerfileError carrying every failure: a target or stage number that is not there, a
 * stage that takes from itself or from a later one, a base whose name is empty.
 */
export function resolveStages(dockerfile: Dockerfile, options: BuildOptions = {}): StageGraph {
    const { variables: globals, failures } = globalVariables(dockerfile, options);
    const resolver = new Resolver(dockerfile, options, globals);
    const stages = dockerfile.stages.map((stage) => resolver.stage(stage));
    const all = [...failures, ...resolver.failures];
    const target = findTarget(stages, options.target);
    if (all.length === 0) all.push(...orderFailures(stages, target));
    if (target === undefined && stages.length > 0)
        all.push(noTarget(stages, String(options.target)));
    if (target === undefined || all.length > 0) {
        const none = { reason: dockerfile.opaque ?? "there is no stage to build" };
        throw new DockerfileError(all.length > 0 ? all : [none]);
    }
    return { stages, target, globals };
}

function findTarget(stages: readonly Stage[], target: BuildOptions["target"]): Stage | undefined {
    if (typeof target === "number") return stages[target];
    if (target === undefined || target === "") return stages.at(-1);
    return stages.findLast((stage) => stage.name === target.toLowerCase());
}

function noTarget(stages: readonly Stage[], target: string): DockerfileFailure {
    const names = [...new Set(stages.flatMap((stage) => stage.name ?? []))];
    const near = nearest(target, names);
    const list = names.map((name) => `"${name}"`).join(", ");
    const known = names.length === 0 ? "no stage has a name" : `stages are ${list}`;
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return { reason: `no stage named "${target}"; ${known}${hint}` };
}

/** Looks names up while stages are added in order. */
class Resolver {
    readonly failures: DockerfileFailure[] = [];
    private readonly dockerfile: Dockerfile;
    private readonly options: BuildOptions;
    private readonly globals: Variables;
    private readonly contexts: ReadonlyMap<string, string>;
    /** Stages added so far; FROM sees these and no later ones. */
    private readonly added: Stage[] = [];

    constructor(dockerfile: Dockerfile, options: BuildOptions, globals: Variables) {
        this.dockerfile = dockerfile;
        this.options = options;
        this.globals = globals;
        this.contexts = new Map(
            (options.namedContexts ?? []).map((name) => [familiarName(name), name]),
        );
    }

    stage(parsed: ParsedStage): Stage {
        const { from, index, instructions } = parsed;
        const line = instructions[0]?.line ?? 0;
        const named = from.name === undefined ? undefined : this.contexts.get(from.name);
        const base: Base =
            named === undefined
                ? (this.attempt(line, () => this.base(from.base)) ?? { kind: "scratch" })
                : { kind: "context", name: named };
        const own = instructions
            .slice(1)
            .map(({ line, body }) => ({ line, body, triggered: false }));
        // A named context of the stage's name takes the place of all its instructions.
        const all = named === undefined ? [...this.triggers(base, line), ...own] : [];
        const stage: Stage = {
            index,
            name: from.name,
            label: from.name ?? `stage ${index}`,
            line,
            base,
            platform: this.attempt(line, () => this.platform(from.platform)),
            edges: all.flatMap((one) => this.attempt(one.line, () => this.edges(one)) ?? []),
            instructions: all,
        };
        this.added.push(stage);
        return stage;
    }

    private base(written: string): Base {
        const expanded = expand(written, lookupIn(this.globals), this.dockerfile.directives.escape);
        if (isUnknown(expanded)) {
            const reason = `"FROM ${written}": ${expanded.unknown}`;
            return { kind: "unknown", expression: written, reason };
        }
        if (expanded === "") {
            throw new Refusal(
                `FROM ${written}: the name is empty once its variables are put in; give the ` +
                    "build argument, or a default in an ARG before the first FROM",
            );
        }
        // Unlike --from, FROM compares with case: names are kept in lower case.
        const stage = this.added.findLast((one) => one.name === expanded);
        if (stage !== undefined) return { kind: "stage", index: stage.index };
        const lower = this.added.findLast((one) => one.name === expanded.toLowerCase());
        if (lower !== undefined && this.contexts.size === 0) {
            throw new Refusal(
                `FROM ${written}: FROM knows stage "${lower.name}" in lower case only`,
            );
        }
        return this.external(expanded);
    }

    private external(name: string): Source {
        if (name === "scratch") return { kind: "scratch" };
        const context = this.contexts.get(familiarName(name));
        if (context === undefined) checkReference(name);
        return context === undefined
            ? { kind: "image", reference: name }
            : { kind: "context", name: context };
    }

    private platform(written: string | undefined) {
        if (written === undefined) return undefined;
        const escapeChar = this.dockerfile.directives.escape;
        const platform = expand(written, lookupIn(this.globals), escapeChar);
        if (platform !== "") return platform;
        throw new Refusal(`FROM --platform=${written}: it is empty once its variables are put in`);
    }

    private triggers(base: Base, line: number): StageInstruction[] {
        const triggered = (body: InstructionBody) => ({ line, body, triggered: true });
        if (base.kind === "stage") {
            const bodies = this.added[base.index]?.instructions ?? [];
            return bodies.flatMap(({ body }) =>
                body.kind === "onbuild" ? [triggered(body.trigger)] : [],
            );
        }
        if (base.kind !== "image") return [];
        const image = this.options.baseImages?.[base.reference];
        return (image?.triggers ?? []).flatMap(
            (text) => this.attempt(line, () => triggered(readImageTrigger(text))) ?? [],
        );
    }

    private edges({ line, body }: StageInstruction): Edge[] {
        if (body.kind === "copy" && body.from !== undefined) {
            const source = this.copySource(body.from);
            return [{ instruction: "COPY", line, written: body.from, source }];
        }
        if (body.kind !== "run") return [];
        return body.mounts.flatMap((mount) => {
            const written = readMountFrom(mount);
            if (written === undefined) return [];
            return [{ instruction: "RUN", line, written, source: this.namedSource(written) }];
        });
    }

    private copySource(written: string): Source {
        const plain = expand(written, () => undefined, this.dockerfile.directives.escape);
        if (plain !== written) {
            throw new Refusal(
                `COPY --from=${written}: "--from" takes no variables; give the image a stage of ` +
                    `its own (FROM ${written} AS name) and name that`,
            );
        }
        if (!/^[+-]?\d+$/.test(written)) return this.namedSource(written);
        const index = Number(written);
        const count = this.dockerfile.stages.length;
        if (index >= 0 && index < count) return { kind: "stage", index };
        throw new Refusal(`COPY --from=${written}: stages are numbered 0 to ${count - 1}`);
    }

    /** Unlike FROM, --from sees all stages, the last of a name first, and ignores case. */
    private namedSource(written: string): Source {
        const name = written.toLowerCase();
        const stage = this.dockerfile.stages.findLast((one) => one.from.name === name);
        return stage === undefined ? this.external(written) : { kind: "stage", index: stage.index };
    }

    private attempt<T>(line: number, work: () => T): T | undefined {
        try {
            return work();
        } catch (cause) {
            if (!(cause instanceof Refusal)) throw cause;
            this.failures.push({ line, reason: cause.message });
            return undefined;
        }
    }
}
