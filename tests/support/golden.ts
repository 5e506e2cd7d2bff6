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
