import { stageNumber } from "../dockerfile/graph";
import type { InstructionBody } from "../dockerfile/instruction";
import type { SourceLine } from "../dockerfile/lines";
import type { Dockerfile, Instruction } from "../dockerfile/parse";
import { findReachableStages } from "../dockerfile/reachableStages";
import { familiarName } from "../dockerfile/reference";
import type { Edge, Stage, StageGraph } from "../dockerfile/stage";
import { builtInGlobals, platformNames } from "../dockerfile/variables";
import { splitFirstWord } from "../dockerfile/words";
import { replaceBase } from "./standIn";

/** The part of a Dockerfile that building one target needs. */
export interface DockerfileSlice {
    /** A Dockerfile that builds the target and holds nothing else. */
    readonly text: string;
    /** For each of its lines, from the first, the line of the whole file; 0 for added ones. */
    readonly lines: readonly number[];
    /** The build arguments it reads, sorted. */
    readonly args: readonly string[];
}

/** Options of a slice. */
export interface SliceOptions {
    /** Lines that are put at the end as comments, so that a change of them changes the text. */
    readonly comments?: readonly string[];
    /**
     * Names that FROM gets in place of those of images, by an image's familiar name.
     *
     * @default none
     */
    readonly standIns?: ReadonlyMap<string, string>;
}

/**
 * Cuts out of a Dockerfile what building the graph's target needs: the parser directives, the
 * global ARGs and the stages that are used, as written. Comments and blank lines go, so a change
 * of them changes nothing. Line numbers are not kept (a line added to a stage that is not needed
 * would change every slice below it); {@link DockerfileSlice.lines} translates them back.
 *
 * Where more may be needed than the stages say, the file stays whole.
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
        ...globals.kept.flatMap(written),
        ...graph.stages.flatMap((stage) => {
            if (!stages.includes(stage))
                return stage.index < counted ? placeholder(dockerfile, stage) : [];
            return stageLines(dockerfile, stage, options.standIns);
        }),
    ];
    const lines = [
        ...dockerfile.head,
        ...endOfDirectives(parts),
        ...parts,
        ...commentLines(options),
    ];
    return {
        text: `${lines.map(({ text }) => text).join("\n")}\n`,
        lines: lines.map(({ line }) => line),
        args: argsOf(globals, stages),
    };
}

/** The lines of a stage that run: of one that a named context replaces, what others inherit. */
function stageLines(
    dockerfile: Dockerfile,
    stage: Stage,
    standIns: SliceOptions["standIns"],
): SourceLine[] {
    const [from, ...own] = dockerfile.stages[stage.index]?.instructions ?? [];
    return [
        ...(from?.comments ?? []),
        ...fromLines(dockerfile, stage, standIns),
        ...own.filter(({ body }) => !stage.isReplaced || body.kind === "onbuild").flatMap(written),
    ];
}

/** The lines of a stage's FROM, which may name a stand-in for its base. */
function fromLines(
    { stages }: Dockerfile,
    { index, base }: Stage,
    standIns: SliceOptions["standIns"],
): readonly SourceLine[] {
    const from = stages[index]?.instructions[0];
    const image = base.kind === "image" ? standIns?.get(familiarName(base.reference)) : undefined;
    if (from === undefined) return [];
    return image === undefined ? from.source : replaceBase(from, image);
}

function written({ comments, source }: Instruction): SourceLine[] {
    return [...comments, ...source];
}

/** An empty stage in the place of one that is cut, so that the stages behind it keep their numbers. */
function placeholder({ stages }: Dockerfile, { index }: Stage): SourceLine[] {
    const keyword = splitFirstWord(stages[index]?.instructions[0]?.source[0]?.text ?? "")[0];
    return [{ line: 0, text: `${keyword} scratch` }];
}

/** The number by which an edge names a stage; -1 for another edge. */
function numberOf({ instruction, written: name }: Edge): number {
    return instruction === "COPY" ? (stageNumber(name) ?? -1) : -1;
}

/** An empty comment, so that a comment that stands first now is not taken for a directive. */
function endOfDirectives([first]: readonly SourceLine[]): SourceLine[] {
    return first?.text.startsWith("#") ? [{ line: 0, text: "#" }] : [];
}

/**
 * The whole of a Dockerfile, as written.
 *
 * @param graph its stages, when they are known; without them no stand-in replaces a base
 */
export function wholeDockerfile(
    dockerfile: Dockerfile,
    graph: StageGraph | undefined,
    options: SliceOptions = {},
): DockerfileSlice {
    const needed = graph === undefined ? [] : findReachableStages(graph).stages;
    const replaced = new Map(
        needed.flatMap((stage) =>
            fromLines(dockerfile, stage, options.standIns).map(({ line, text }) => [line, text]),
        ),
    );
    const written = dockerfile.text.replace(/\n$/, "").split("\n");
    const lines = [
        ...written.map((text, index) => ({
            line: index + 1,
            text: replaced.get(index + 1) ?? text,
        })),
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

/** Global ARGs that are kept, and the variables that these and the FROMs mention. */
interface UsedGlobals {
    readonly kept: readonly Instruction[];
    readonly mentioned: ReadonlySet<string>;
}

/** The global ARGs that the stages or BuildKit use, and those that these use. */
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

/** The build arguments that a slice reads: those it declares, and BuildKit's own where FROM can. */
function argsOf({ kept, mentioned }: UsedGlobals, stages: readonly Stage[]): string[] {
    const bodies = [...kept, ...stages.flatMap(({ instructions }) => instructions)];
    const own = [...mentioned].filter((name) => platformNames.has(name));
    return [...new Set([...own, ...bodies.flatMap(({ body }) => declaredArgs(body))])].sort();
}

function declaredArgs(body: InstructionBody): string[] {
    return body.kind === "arg" ? body.args.map(({ name }) => name) : [];
}

/** The variables a text may mention, and perhaps some it does not: quotes are not looked at. */
function namesIn(text: string): string[] {
    return [...text.matchAll(/\$\{?([\p{L}\p{Nd}_]+)/gu)].map((match) => match[1] ?? "");
}
