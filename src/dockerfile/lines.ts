import { type Directives, readDirectives } from "./directives";
import { type DockerfileFailure, Refusal } from "./failure";
import { findHeredocs, type Heredoc } from "./heredoc";
import { readJsonWords, splitFirstWord, splitFlags } from "./words";

/** One instruction with its continuation lines joined, before its arguments are looked at. */
export interface LogicalLine {
    /** First line, counted from 1. */
    readonly line: number;
    /** Last line, that of the last here-document's end word included. */
    readonly endLine: number;
    /** The joined text, comments and line breaks gone. */
    readonly text: string;
    readonly heredocs: readonly Heredoc[];
    /** The lines as written that mean something to BuildKit: what a slice keeps. */
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
    readonly lines: readonly LogicalLine[];
    readonly failures: readonly DockerfileFailure[];
}

/** The longest line BuildKit's scanner takes, in bytes. */
const lineLengthMax = 65_535;

const noDirectives: Directives = { escape: "\\", lineCount: 0 };

/** Cuts a Dockerfile into its instructions, where BuildKit 0.31 cuts it. */
export function readLines(text: string): LogicalLines {
    const physical = text.replace(/^\ufeff/, "").split("\n");
    if (physical.at(-1) === "") physical.pop();
    const failures = tooLong(physical);
    let directives = noDirectives;
    try {
        directives = readDirectives(physical.map(trimLineBreak));
    } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause;
        failures.push({ line: 1, reason: cause.message });
    }
    const lines: LogicalLine[] = [];
    let checks: SourceLine[] = [];
    for (let index = directives.lineCount; index < physical.length; ) {
        const comment = checkComment(physical[index] ?? "");
        if (comment !== undefined) checks.push({ line: index + 1, text: comment });
        const next = readInstruction(physical, index, directives.escape);
        if (next.read !== undefined) {
            lines.push({ ...next.read, source: [...checks, ...next.read.source] });
            checks = [];
        }
        if (next.failure !== undefined) failures.push(next.failure);
        index = next.end;
    }
    return { directives, lines, failures };
}

function tooLong(physical: readonly string[]): DockerfileFailure[] {
    return physical.flatMap((line, index) =>
        line.length * 3 > lineLengthMax && Buffer.byteLength(line) > lineLengthMax
            ? [{ line: index + 1, reason: `a line is at most ${lineLengthMax} bytes long` }]
            : [],
    );
}

/** A comment that configures the lint of the instruction after it; others mean nothing. */
function checkComment(line: string): string | undefined {
    const text = trimLineBreak(line).trim();
    return /^#\s*check=/.test(text) ? text : undefined;
}

interface Step {
    readonly read?: LogicalLine;
    readonly failure?: DockerfileFailure;
    /** Index of the physical line to go on at. */
    readonly end: number;
}

function readInstruction(physical: readonly string[], start: number, escapeChar: string): Step {
    const first = trimLineBreak(physical[start] ?? "").trimStart();
    if (first.startsWith("#")) return { end: start + 1 };
    let { text, continued } = trimContinuation(first, escapeChar);
    // A line that holds nothing but an escape is a continuation of nothing: the instruction
    // begins on it, so it counts as its first line.
    if (!continued && text === "") return { end: start + 1 };
    const source: SourceLine[] = [{ line: start + 1, text: first }];
    let index = start + 1;
    for (; continued && index < physical.length; index++) {
        const raw = trimLineBreak(physical[index] ?? "");
        if (raw.trim() === "" || raw.trimStart().startsWith("#")) continue;
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

/** Cuts a trailing escape off, unless it is itself escaped. */
function trimContinuation(line: string, escapeChar: string): { text: string; continued: boolean } {
    const trimmed = line.replace(/[ \t]*$/, "");
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

/** COPY, ADD and RUN in shell form open here-documents, as do triggers of them. */
function opensHeredocs(text: string, escapeChar: string): boolean {
    const [keyword, rest] = splitFirstWord(text);
    const { rest: args } = splitFlags(rest, escapeChar);
    switch (keyword.toUpperCase()) {
        case "ONBUILD":
            return (
                splitFirstWord(args)[0].toUpperCase() !== "ONBUILD" &&
                opensHeredocs(args, escapeChar)
            );
        case "ADD":
        case "COPY":
        case "RUN":
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
    return line.replace(/[\r\n]+$/, "");
}
