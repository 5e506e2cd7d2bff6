import type { StageGraph } from "./graph";
import type { InstructionBody } from "./instruction";
import type { SourceLine } from "./lines";
import type { Dockerfile, Instruction, ParsedStage } from "./parse";
import { reachOf } from "./reach";
import { familiarName } from "./reference";
import type { Stage } from "./stage";
import { replaceBase } from "./standIn";

/** The part of a Dockerfile that building one target needs. */
export interface DockerfileSlice {
    /** A Dockerfile that builds the target and holds nothing else. */
    readonly text: string;
    /** For each of its lines, from the first, the line of the whole file; 0 for added ones. */
    readonly lines: readonly number[];
    /** The build arguments it declares, sorted. */
    readonly args: readonly string[];
}

/** What a slice may be given. */
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
 * A file that another frontend reads stays whole.
 */
export function sliceDockerfile(
    dockerfile: Dockerfile,
    graph: StageGraph,
    options: SliceOptions = {},
): DockerfileSlice {
    const comments = commentLines(options);
    if (dockerfile.opaque !== undefined) return wholeDockerfile(dockerfile, graph, options);
    const needed = reachOf(graph).stages;
    const numbers = new Map(needed.map(({ index }, position) => [index, position]));
    const stages = needed.flatMap(({ index, base }) => {
        const stage = dockerfile.stages[index];
        if (stage === undefined) return [];
        // Only the FROM matters of a stage whose place a named context takes.
        const replaced = base.kind === "context" && base.name.toLowerCase() === stage.from.name;
        return [replaced ? { ...stage, instructions: stage.instructions.slice(0, 1) } : stage];
    });
    const globals = usedGlobals(dockerfile.globalArgs, stages);
    const kept = [...globals, ...stages.flatMap((stage) => stage.instructions)];
    const images = standInImages(dockerfile, needed, options.standIns);
    const lines = [
        ...directiveLines(dockerfile),
        ...kept.flatMap((instruction) => {
            const image = images.get(instruction);
            return image === undefined
                ? renumber(instruction, numbers)
                : replaceBase(instruction, image);
        }),
        ...comments,
    ];
    return {
        text: `${lines.map(({ text }) => text).join("\n")}\n`,
        lines: lines.map(({ line }) => line),
        args: [...new Set(kept.flatMap(({ body }) => declaredArgs(body)))].sort(),
    };
}

/** The FROM instructions of stages whose base has a stand-in, with its name. */
function standInImages(
    { stages }: Dockerfile,
    needed: readonly Stage[],
    standIns: SliceOptions["standIns"],
): ReadonlyMap<Instruction, string> {
    return new Map(
        needed.flatMap(({ index, base }) => {
            const from = stages[index]?.instructions[0];
            const image =
                base.kind === "image" ? standIns?.get(familiarName(base.reference)) : undefined;
            return from === undefined || image === undefined ? [] : [[from, image]];
        }),
    );
}

/**
 * The whole of a Dockerfile, as written.
 *
 * @param graph its stages, when they are known: without them nothing stands in for a base
 */
export function wholeDockerfile(
    dockerfile: Dockerfile,
    graph: StageGraph | undefined,
    options: SliceOptions = {},
): DockerfileSlice {
    const needed = graph === undefined ? [] : reachOf(graph).stages;
    const replaced = new Map(
        [...standInImages(dockerfile, needed, options.standIns)].flatMap(([instruction, image]) =>
            replaceBase(instruction, image).map(({ line, text }) => [line, text] as const),
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

function directiveLines({ directives }: Dockerfile): SourceLine[] {
    const { syntax, escape: escapeChar, check } = directives;
    const lines: string[] = [];
    if (syntax !== undefined) lines.push(`# syntax=${syntax}`);
    if (escapeChar !== "\\") lines.push(`# escape=${escapeChar}`);
    if (check !== undefined) lines.push(`# check=${check}`);
    return lines.map((text) => ({ line: 0, text }));
}

/** The global ARGs that the stages use, and those that these use. */
function usedGlobals(
    globals: readonly Instruction[],
    stages: readonly ParsedStage[],
): Instruction[] {
    const used = new Set<string>();
    for (const { from, instructions } of stages) {
        for (const name of mentioned(`${from.base} ${from.platform ?? ""}`)) used.add(name);
        for (const { body } of instructions) for (const name of inherited(body)) used.add(name);
    }
    const kept: Instruction[] = [];
    for (const instruction of globals.toReversed()) {
        const { body } = instruction;
        if (body.kind !== "arg" || !body.args.some(({ name }) => used.has(name))) continue;
        for (const { value } of body.args)
            for (const name of mentioned(value ?? "")) used.add(name);
        kept.unshift(instruction);
    }
    return kept;
}

/** The names an ARG without a default takes from the global ones. */
function inherited(body: InstructionBody): string[] {
    if (body.kind === "onbuild") return inherited(body.trigger);
    if (body.kind !== "arg") return [];
    return body.args.flatMap(({ name, value }) => (value === undefined ? [name] : []));
}

function declaredArgs(body: InstructionBody): string[] {
    if (body.kind === "onbuild") return declaredArgs(body.trigger);
    return body.kind === "arg" ? body.args.map(({ name }) => name) : [];
}

/** The variables a text may mention, and perhaps some it does not: quotes are not looked at. */
function mentioned(text: string): string[] {
    return [...text.matchAll(/\$\{?([\p{L}\p{Nd}_]+)/gu)].map((match) => match[1] ?? "");
}

/** The lines of an instruction, `COPY --from=2` made to name the stage's place in the slice. */
function renumber(
    { source, body }: Instruction,
    numbers: ReadonlyMap<number, number>,
): readonly SourceLine[] {
    const from = stageNumber(body);
    const number = from === undefined ? undefined : numbers.get(from);
    if (from === undefined || number === undefined || number === from) return source;
    const flag = /--from=(["']?)[+-]?\d+(?=["'\s]|$)/;
    const at = source.findIndex(({ text }) => flag.test(text));
    return source.map((line, index) =>
        index === at ? { ...line, text: line.text.replace(flag, `--from=$1${number}`) } : line,
    );
}

function stageNumber(body: InstructionBody): number | undefined {
    if (body.kind === "onbuild") return stageNumber(body.trigger);
    if (body.kind !== "copy" || !/^[+-]?\d+$/.test(body.from ?? "")) return undefined;
    return Number(body.from);
}
