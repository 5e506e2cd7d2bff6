import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./lab";

/**
 * Compares a text with its golden file in the clone. `UPDATE_GOLDEN=1` rewrites the file; review
 * the diff.
 */
export function assertGolden(name: string, text: string): void {
    const file = join(root, "tests", "golden", name);
    if (process.env["UPDATE_GOLDEN"] === "1") {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
    let held: string;
    try {
        held = readFileSync(file, "utf8");
    } catch (cause) {
        throw new Error(`${file} is missing; UPDATE_GOLDEN=1 npm test writes it`, { cause });
    }
    assert.equal(
        text,
        held,
        `${file} differs; if that is meant, UPDATE_GOLDEN=1 npm test writes it`,
    );
}

/**
 * Compares the part of a page in docs/ below a second-level heading, which a test writes, with what
 * this run found; the rest of the page is written by hand or by other tests.
 */
export function assertSection(page: string, heading: string, text: string): void {
    const held = readFileSync(join(root, "docs", page), "utf8");
    const start = held.indexOf(`\n## ${heading}\n`);
    assert.notEqual(start, -1, `docs/${page} has no heading "${heading}"`);
    const end = held.indexOf("\n## ", start + 1);
    const after = end === -1 ? "" : held.slice(end);
    const part = `\n## ${heading}\n\n${text}\n`;
    assertGolden(`../../docs/${page}`, `${held.slice(0, start)}${part}${after}`);
}
