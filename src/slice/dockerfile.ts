import { stageNumber } from "../dockerfile/graph";
import type { InstructionBody } from "../dockerfile/instruction";
import type { SourceLine } from "../dockerfile/lines";
import type { Dockerfile, Instruction } from "../dockerfile/parse";
import { findReachableStages } from "../dockerfile/reachableStages";
import { familiarName } from "../dockerfile/reference";
import type { Edge, Stage, StageGraph } from "../dockerfile/stage";
import { builtInGlobals, platformNames } from "../dockerfile/variables";
import { restoreStages } from "../mounts/stages";
import type { MountChanges } from "./carriedMounts";
import { withFlags } from "./runFlags";
import { replaceBase, type StandIns } from "./standIn";

/** The part of a Dockerfile that building one target needs. */
export interface DockerfileSlice {
    /** A Dockerfile with only what the target needs. */
    readonly text: string;
    /** For each line of the slice, the line in the whole file; 0 for an added line. */
    readonly lines: readonly number[];
    /** The build arguments that the slice reads, sorted. */
    readonly args: readonly string[];
}

/** Options of a slice. */
export interface SliceOptions {
    /** Lines to add at the end as comments, so that a change in them changes the text. */
    readonly comments?: readonly string[];
    /**
     * Names to write into FROM in place of images, by the image's familiar name.
     *
     * @default none
     */
    readonly standIns?: StandIns;
    /** What to change for cache mounts. @default nothing */
    readonly mounts?: Pick<MountChanges, "before" | "flags"> | undefined;
}

/**
 * Keeps what BuildKit needs to build the graph's target: the parser directives, and the used global
 * ARGs and stages, as written. The slice has no comments or blank lines, so a change in them
 * changes nothing. Line numbers differ from the file's, because otherwise a line added to an
 * unneeded stage would change every slice below it; {@link DockerfileSlice.lines} translates them
 * back.
 *
 * When the build may need more than the edges between stages show, the file stays whole.
 */
export function sliceDockerfile(
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: SliceOptions = {},
): DockerfileSlice {
    if (graph.beyond !== undefined) return wholeDockerfile(dockerfile, graph, options);
    const { stages } = findReachableStages(graph);
    const globals = usedGlobals(dockerfile, stages);
    const counted = Math.max(-1, ...stages.flatMap(({ edges }) => edges.map(numberOf)));
    const parts = [
        ...globals.kept.flatMap(({ source }) => source),
        ...graph.stages.flatMap((stage) => {
            if (!stages.includes(stage))
                return stage.index < counted ? placeholder(dockerfile, stage) : [];
            return stageLines(dockerfile, stage, options);
        }),
    ];
    const lines = [...dockerfile.head, ...parts, ...commentLines(options)];
    return {
        text: `${lines.map(({ text }) => text).join("\n")}\n`,
        lines: lines.map(({ line }) => line),
        args: argsOf(globals, stages),
    };
}

/**
 * The lines of a stage that BuildKit runs; if a named context replaces the stage, the lines that
 * other stages inherit.
 */
function stageLines(
    dockerfile: Dockerfile,
    stage: Stage,
    { standIns, mounts }: SliceOptions,
): SourceLine[] {
    const [from, ...own] = dockerfile.stages[stage.index]?.instructions ?? [];
    const restores = mounts?.before.get(stage.index) ?? [];
    return [
        ...restores
            .flatMap((mount) => restoreStages(mount, spellingOf(from)))
            .map((text) => ({ line: 0, text })),
        ...fromLines(dockerfile, stage, standIns),
        ...own
            .filter(({ body }) => !stage.isReplaced || body.kind === "onbuild")
            .flatMap((instruction) => withFlags(instruction, mounts?.flags.get(instruction.line))),
    ];
}

/** Spells keywords in the case of an instruction's keyword, since BuildKit's checks reject a mixture. */
function spellingOf(instruction: Instruction | undefined): (keyword: string) => string {
    const isLower = /^[a-z]/.test(instruction?.source[0]?.text ?? "");
    return (keyword) => (isLower ? keyword.toLowerCase() : keyword);
}

/** The lines of a stage's FROM, which may name a stand-in for its base. */
function fromLines(
    { stages, directives }: Dockerfile,
    { index, base }: Stage,
    standIns: StandIns | undefined,
): readonly SourceLine[] {
    const from = stages[index]?.instructions[0];
    const image = base.kind === "image" ? standIns?.get(familiarName(base.reference)) : undefined;
    if (from === undefined) return [];
    if (image === undefined) return from.source;
    return replaceBase(from, image, directives.escape) ?? from.source;
}

/** An empty stage in place of a removed one, so that later stages keep their numbers. */
function placeholder({ stages }: Dockerfile, { index }: Stage): SourceLine[] {
    const spell = spellingOf(stages[index]?.instructions[0]);
    return [{ line: 0, text: `${spell("FROM")} scratch` }];
}

/** The number by which an edge names a stage; -1 for an edge by name. */
function numberOf({ instruction, written: name }: Edge): number {
    return instruction === "COPY" ? (stageNumber(name) ?? -1) : -1;
}

/**
 * The whole of a Dockerfile, as written, without comments that configure the checks of an
 * instruction.
 *
 * @param graph its stages, when they are known; without them no stand-in replaces a base
 */
export function wholeDockerfile(
    dockerfile: Dockerfile,
    graph: StageGraph | undefined,
    options: SliceOptions = {},
): DockerfileSlice {
    const needed = graph === undefined ? [] : findReachableStages(graph).stages;
    const checks = dockerfile.opaque === undefined ? dockerfile.checks : [];
    const dropped = new Set(checks.map(({ line }) => line));
    const replaced = new Map(
        [
            ...(dropped.size > 0 ? dockerfile.head : []),
            ...needed.flatMap((stage) => fromLines(dockerfile, stage, options.standIns)),
        ].map(({ line, text }) => [line, text]),
    );
    const written = dockerfile.text.replace(/\n$/, "").split("\n");
    const lines = [
        ...written
            .map((text, index) => ({ line: index + 1, text: replaced.get(index + 1) ?? text }))
            .filter(({ line }) => !dropped.has(line)),
        ...commentLines(options),
    ];
    const all = [...dockerfile.globalArgs, ...dockerfile.stages.flatMap((one) => one.instructions)];
    return {
        text: `${lines.map(({ text }) => text).join("\n")}\n`,
        lines: lines.map(({ line }) => line),
        args: [...new Set(all.flatMap(({ body }) => declaredArgs(body)))].sort(),
    };
}

function commentLines({ comments = [] }: SliceOptions): SourceLine[] {
    return comments.map((text) => ({ line: 0, text: `# ${text}` }));
}

/** The global ARGs to keep, and the variables that these ARGs and the FROMs mention. */
interface UsedGlobals {
    readonly kept: readonly Instruction[];
    readonly mentioned: ReadonlySet<string>;
}

/** The global ARGs that the stages or BuildKit use, directly or through other ARGs. */
function usedGlobals(
    { globalArgs, stages: parsed }: Dockerfile,
    stages: readonly Stage[],
): UsedGlobals {
    const mentioned = new Set<string>();
    const inherited = new Set<string>(builtInGlobals);
    for (const { index, instructions } of stages) {
        const from = parsed[index]?.from;
        for (const name of namesIn(`${from?.base} ${from?.platform}`)) mentioned.add(name);
        for (const { body } of instructions) {
            if (body.kind !== "arg") continue;
            for (const { name, value } of body.args) if (value === undefined) inherited.add(name);
        }
    }
    const kept: Instruction[] = [];
    for (const instruction of globalArgs.toReversed()) {
        const { body } = instruction;
        if (body.kind !== "arg") continue;
        if (!body.args.some(({ name }) => mentioned.has(name) || inherited.has(name))) continue;
        for (const { value } of body.args) {
            for (const name of namesIn(value ?? "")) mentioned.add(name);
        }
        kept.unshift(instruction);
    }
    return { kept, mentioned };
}

/**
 * The build arguments that a slice reads: those it declares, and BuildKit's own that FROM reads.
 */
function argsOf({ kept, mentioned }: UsedGlobals, stages: readonly Stage[]): string[] {
    const bodies = [...kept, ...stages.flatMap(({ instructions }) => instructions)];
    const own = [...mentioned].filter((name) => platformNames.has(name));
    return [...new Set([...own, ...bodies.flatMap(({ body }) => declaredArgs(body))])].sort();
}

function declaredArgs(body: InstructionBody): string[] {
    return body.kind === "arg" ? body.args.map(({ name }) => name) : [];
}

/** The variables that a text may mention. Quotes are ignored, so the list can be too long. */
function namesIn(text: string): string[] {
    return [...text.matchAll(/\$\{?([\p{L}\p{Nd}_]+)/gu)].map((match) => match[1] ?? "");
}
