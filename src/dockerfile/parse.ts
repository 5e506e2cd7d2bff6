import { type Directives, isKnownFrontend } from "./directives";
import { attempt, DockerfileError, type DockerfileFailure } from "./failure";
import { type FromInstruction, type InstructionBody, readInstruction } from "./instruction";
import { type LogicalLine, readLines, type SourceLine } from "./lines";
import { splitFirstWord } from "./words";

/** One instruction with its place in the file. */
export interface Instruction {
    /** First line, counted from 1. */
    readonly line: number;
    /** Last line. */
    readonly endLine: number;
    /** The lines as written, without comments in between. */
    readonly source: readonly SourceLine[];
    readonly body: InstructionBody;
}

/** One build stage as written, before expansion. */
export interface ParsedStage {
    /** Position in the file, from 0: the number in `COPY --from=0`. */
    readonly index: number;
    readonly from: FromInstruction;
    /** The FROM instruction and those that follow it, up to the next FROM. */
    readonly instructions: readonly Instruction[];
}

/** A Dockerfile with a syntax that BuildKit accepts. */
export interface Dockerfile {
    readonly directives: Directives;
    /** The directives as written, with the rules that {@link checks} skip. */
    readonly head: readonly SourceLine[];
    /**
     * The comments that configure BuildKit's checks of one instruction. They have no effect on an
     * image, and docker-build 0.0.22 crashes on them (dockerfile.go, parseDockerfile).
     */
    readonly checks: readonly SourceLine[];
    /** The whole file as given. */
    readonly text: string;
    /** The ARG instructions before the first FROM. */
    readonly globalArgs: readonly Instruction[];
    readonly stages: readonly ParsedStage[];
    /**
     * Why nothing is known about this file, such as a frontend other than Dockerfile's. The list of
     * stages may then be empty.
     */
    readonly opaque?: string;
}

/**
 * Parses a Dockerfile as BuildKit 0.31's frontend does.
 *
 * @param fallback why a file with failures counts as unknown instead of invalid
 * @throws DockerfileError with every failure and its line.
 */
export function parseDockerfile(text: string, fallback?: string): Dockerfile {
    const { directives, head, checks, lines, failures } = readLines(text);
    const { syntax } = directives;
    const opaque =
        syntax !== undefined && !isKnownFrontend(syntax)
            ? `the frontend ${syntax} reads the file, possibly differently`
            : undefined;
    const all: DockerfileFailure[] = [...failures];
    const instructions = lines.flatMap(
        (line) => attempt(all, line.line, () => toInstruction(line, directives.escape)) ?? [],
    );
    const { globalArgs, stages, stray } = group(instructions);
    if (all.length === 0) all.push(...stray);
    if (stages.length === 0 && all.length === 0) {
        all.push({ reason: "FROM is missing; a Dockerfile begins with FROM" });
    }
    const unread = opaque ?? fallback;
    if (all.length > 0 && unread !== undefined) {
        return { directives, head, checks, text, globalArgs: [], stages: [], opaque: unread };
    }
    if (all.length > 0) {
        throw new DockerfileError(all.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
    }
    return { directives, head, checks, text, globalArgs, stages, opaque };
}

function toInstruction(line: LogicalLine, escapeChar: string): Instruction {
    return {
        line: line.line,
        endLine: line.endLine,
        source: line.source,
        body: readInstruction(line.text, escapeChar, line.heredocs),
    };
}

function group(instructions: readonly Instruction[]) {
    const globalArgs: Instruction[] = [];
    const stray: DockerfileFailure[] = [];
    const stages: (ParsedStage & { instructions: Instruction[] })[] = [];
    for (const instruction of instructions) {
        const { body, line } = instruction;
        const current = stages.at(-1);
        if (body.kind === "from") {
            stages.push({ index: stages.length, from: body, instructions: [instruction] });
        } else if (current !== undefined) {
            current.instructions.push(instruction);
        } else if (body.kind === "arg") {
            globalArgs.push(instruction);
        } else {
            const keyword = splitFirstWord(instruction.source[0]?.text ?? "")[0];
            stray.push({
                line,
                reason: `${keyword} before the first FROM; only ARG is allowed there`,
            });
        }
    }
    return { globalArgs, stages, stray };
}
