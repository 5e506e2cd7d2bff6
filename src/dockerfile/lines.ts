import { trimEnd } from "../text/trimEnd";
import { encodeText } from "./bytes";
import { type Directives, readDirective, readDirectives, skipping } from "./directives";
import { attempt, type DockerfileFailure } from "./failure";
import { findHeredocs, type Heredoc } from "./heredoc";
import { readJsonWords, splitFirstWord, splitFlags, trimSpace, trimSpaceStart } from "./words";

/** One instruction with its continuation lines joined, before its arguments are parsed. */
export interface LogicalLine {
    /** First line, counted from 1. */
    readonly line: number;
    /** Last line, including the end word of the last here-document. */
    readonly endLine: number;
    /** The joined text, without comments and line breaks. */
    readonly text: string;
    readonly heredocs: readonly Heredoc[];
    /** The lines that a slice keeps, as written: those that have a meaning for BuildKit. */
    readonly source: readonly SourceLine[];
}

/** One line of the file. */
export interface SourceLine {
    /** Counted from 1. */
    readonly line: number;
    readonly text: string;
}

/** A Dockerfile cut into instructions. */
export interface LogicalLines {
    readonly directives: Directives;
    /** The directives as written. A directive `check` also has what the checks below skip. */
    readonly head: readonly SourceLine[];
    /** The comments that configure BuildKit's checks of one instruction. */
    readonly checks: readonly SourceLine[];
    readonly lines: readonly LogicalLine[];
    readonly failures: readonly DockerfileFailure[];
}

/** The longest line that BuildKit's scanner accepts, in bytes. */
const lineLengthMax = 65_535;

const noDirectives: Directives = { escape: "\\", headCount: 0 };

/** Splits a Dockerfile into instructions as BuildKit 0.31 does. */
export function readLines(text: string): LogicalLines {
    const physical = text.replace(/^\ufeff/, "").split("\n");
    if (physical.at(-1) === "") physical.pop();
    const failures = tooLong(physical);
    const directives =
        attempt(failures, 1, () => readDirectives(physical.map(trimLineBreak))) ?? noDirectives;
    const head = physical
        .slice(0, directives.headCount)
        .map((text, index) => ({ line: index + 1, text: trimLineBreak(text) }));
    const lines: LogicalLine[] = [];
    const checks: SourceLine[] = [];
    let comments: SourceLine[] = [];
    for (let index = directives.headCount; index < physical.length; ) {
        const text = trimLineBreak(physical[index] ?? "");
        if (isComment(text)) {
            // BuildKit drops the comments before an empty comment.
            comments = isEmptyComment(text) ? [] : [...comments, { line: index + 1, text }];
            index++;
            continue;
        }
        const next = readInstruction(physical, index, directives.escape);
        if (next.read !== undefined) {
            lines.push(next.read);
            checks.push(...comments.filter(configuresChecks));
            comments = [];
        }
        if (next.failure !== undefined) failures.push(next.failure);
        index = next.end;
    }
    const options = checks.flatMap(
        ({ text }) => readDirective(trimSpace(text.slice(1)))?.[1] ?? [],
    );
    return {
        directives,
        head: head.map((line) => skipping(line, options)),
        checks,
        lines,
        failures,
    };
}

function tooLong(physical: readonly string[]): DockerfileFailure[] {
    return physical.flatMap((line, index) =>
        line.length * 3 > lineLengthMax && encodeText(line).length > lineLengthMax
            ? [
                  {
                      line: index + 1,
                      reason: `the line is too long; expected at most ${lineLengthMax} bytes`,
                  },
              ]
            : [],
    );
}

function isComment(line: string): boolean {
    return trimSpaceStart(line).startsWith("#");
}

/** BuildKit removes the first character as the comment sign, even of an indented comment. */
function isEmptyComment(line: string): boolean {
    return trimSpace(line.slice(1)) === "";
}

function configuresChecks({ text }: SourceLine): boolean {
    return readDirective(trimSpace(text.slice(1)))?.[0] === "check";
}

interface Step {
    readonly read?: LogicalLine;
    readonly failure?: DockerfileFailure;
    /** Index of the next physical line. */
    readonly end: number;
}

function readInstruction(physical: readonly string[], start: number, escapeChar: string): Step {
    const first = trimSpaceStart(trimLineBreak(physical[start] ?? ""));
    let { text, continued } = trimContinuation(first, escapeChar);
    // A line with only an escape continues an empty line. The instruction begins there, so that
    // line is its first.
    if (!continued && text === "") return { end: start + 1 };
    const source: SourceLine[] = [{ line: start + 1, text: first }];
    let index = start + 1;
    for (; continued && index < physical.length; index++) {
        const raw = trimLineBreak(physical[index] ?? "");
        if (trimSpaceStart(raw) === "" || isComment(raw)) continue;
        const piece = trimContinuation(raw, escapeChar);
        text += piece.text;
        continued = piece.continued;
        source.push({ line: index + 1, text: raw });
    }
    const body = readHeredocs(physical, index, text, escapeChar);
    if (body === undefined) {
        const failure = { line: start + 1, reason: `the here-document in "${text}" has no end` };
        return { failure, end: physical.length };
    }
    const read = {
        line: start + 1,
        endLine: body.end,
        text,
        heredocs: body.heredocs,
        source: [
            ...source,
            ...physical
                .slice(index, body.end)
                .map((text, offset) => ({ line: index + offset + 1, text })),
        ],
    };
    return { read, end: body.end };
}

/** Removes a trailing escape, unless it is itself escaped. */
function trimContinuation(line: string, escapeChar: string): { text: string; continued: boolean } {
    const trimmed = trimEnd(line, " \t");
    const continued =
        trimmed.endsWith(escapeChar) && (trimmed.length === 1 || trimmed.at(-2) !== escapeChar);
    return continued ? { text: trimmed.slice(0, -1), continued } : { text: line, continued };
}

function readHeredocs(
    physical: readonly string[],
    start: number,
    text: string,
    escapeChar: string,
) {
    const heredocs: Heredoc[] = [];
    let index = start;
    for (const opened of opensHeredocs(text, escapeChar) ? findHeredocs(text) : []) {
        const content: string[] = [];
        for (;;) {
            const line = physical[index];
            if (line === undefined) return undefined;
            index++;
            const candidate = trimLineBreak(line);
            if ((opened.chomp ? candidate.replace(/^\t+/, "") : candidate) === opened.name) break;
            content.push(`${line}\n`);
        }
        heredocs.push({ ...opened, content: content.join("") });
    }
    return { heredocs, end: index };
}

/** COPY, ADD and RUN in shell form open here-documents; so do triggers with them. */
function opensHeredocs(text: string, escapeChar: string): boolean {
    const [keyword, rest] = splitFirstWord(text);
    const { rest: args } = splitFlags(rest, escapeChar);
    switch (keyword.toLowerCase()) {
        case "onbuild":
            return (
                splitFirstWord(args)[0].toLowerCase() !== "onbuild" &&
                opensHeredocs(args, escapeChar)
            );
        case "add":
        case "copy":
        case "run":
            try {
                return readJsonWords(args) === undefined;
            } catch {
                return false;
            }
        default:
            return false;
    }
}

function trimLineBreak(line: string): string {
    return trimEnd(line, "\r\n");
}
