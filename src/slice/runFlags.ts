import type { SourceLine } from "../dockerfile/lines";
import type { Instruction } from "../dockerfile/parse";

/** What to change in the flags of a `RUN`. */
export interface RunFlags {
    /** Values of `--mount` to add. */
    readonly added: readonly string[];
    /** Values of `--mount` to write in place of others; see {@link isPlainMount}. */
    readonly replaced: ReadonlyMap<string, string>;
}

/** A place in the lines of an instruction, and the text there. */
interface Word {
    readonly row: number;
    readonly column: number;
    readonly text: string;
}

/** A `RUN` with changed flags. */
export function withFlags(
    instruction: Instruction,
    { added, replaced }: RunFlags = { added: [], replaced: new Map() },
): SourceLine[] {
    const rows = instruction.source.map(({ text }) => text);
    for (const { row, column, text } of words(instruction).toReversed()) {
        const mount = replaced.get(text.replace(/^--mount=/, ""));
        const flags = added.map((one) => ` --mount=${one}`).join("");
        const isKeyword = !text.startsWith("--");
        if (!isKeyword && mount === undefined) continue;
        const changed = isKeyword ? text + flags : `--mount=${mount}`;
        const line = rows[row] ?? "";
        rows[row] = line.slice(0, column) + changed + line.slice(column + text.length);
    }
    return instruction.source.map((line, row) => ({ ...line, text: rows[row] ?? "" }));
}

/** The text of a `RUN` in BuildKit's log, without what {@link withFlags} added. */
export function asWritten(text: string, changes: Iterable<RunFlags>): string {
    if (!text.startsWith("RUN ")) return text;
    const all = [...changes];
    const added = new Set(all.flatMap(({ added }) => added));
    const endings = all.flatMap(({ replaced }) =>
        // BuildKit replaces variables in what the user wrote.
        [...replaced].map(([written, mount]) => mount.slice(written.length)),
    );
    const words = text.split(" ");
    const end = words.findIndex((word, index) => index > 0 && word !== "" && !/^--./.test(word));
    const kept = words.slice(0, end).flatMap((word) => {
        if (added.has(word.replace(/^--mount=/, ""))) return [];
        const ending = endings.find((one) => word.startsWith("--mount=") && word.endsWith(one));
        return [ending === undefined ? word : word.slice(0, -ending.length)];
    });
    return end < 0 ? text : [...kept, ...words.slice(end)].join(" ");
}

/** Whether a `RUN` has a mount in one piece: without quotes, escapes or line breaks. */
export function isPlainMount(instruction: Instruction, mount: string): boolean {
    return words(instruction).some(({ text }) => text === `--mount=${mount}`);
}

/** The end of the keyword, which may continue on further lines, and the flags in one piece. */
function words({ source }: Instruction): readonly Word[] {
    let left = "RUN".length;
    const found: Word[] = [];
    for (const [row, { text: line }] of source.entries()) {
        const [letters = ""] = left === 0 ? [] : (/^[a-z]*/i.exec(line) ?? []);
        left -= letters.length;
        if (left > 0) continue;
        if (letters !== "") found.push({ row, column: 0, text: letters });
        for (const { 0: text, index } of line.matchAll(/\S+/g)) {
            if (index < letters.length) continue;
            if (text.startsWith("--") && text !== "--") found.push({ row, column: index, text });
            else if (!/^[\\`]$/.test(text)) return found;
        }
    }
    return found;
}
