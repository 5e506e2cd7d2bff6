import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../support/lab";

const page = readFileSync(join(root, "SECURITY.md"), "utf8");
const [, model = ""] = /^## Threat model$(.*?)^## /ms.exec(page) ?? [];
/** The rows of the tables, without headings. */
const rows = model
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| attacks |"))
    .map((line) => line.split("|").slice(1, -1));

/** The tests in a cell: each file, with the names that follow it. */
function testsIn(cell: string): readonly { readonly file: string; readonly name: string }[] {
    let file = "";
    return [...cell.matchAll(/`(tests\/[^`]+)`|"([^"]+)"/g)].flatMap(([, path, name]) => {
        file = path ?? file;
        return name === undefined ? [] : [{ file, name }];
    });
}

test("every row of the threat model names a test or a rule for people", () => {
    assert.ok(rows.length > 20, `${rows.length} rows`);
    const empty = rows.filter((cells) => {
        const held = cells.at(-1) ?? "";
        return !held.includes("rule for people: ") && testsIn(held).length === 0;
    });
    assert.deepEqual(empty, []);
});

test("every row of the threat model has an attack, a protection and what remains", () => {
    const incomplete = rows.filter(
        (cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ""),
    );
    assert.deepEqual(incomplete, []);
});

test("every test in the threat model exists", () => {
    const missing = rows
        .flatMap((cells) => testsIn(cells.at(-1) ?? ""))
        .filter(({ file, name }) => {
            const path = join(root, file);
            return !existsSync(path) || !readFileSync(path, "utf8").includes(`"${name}"`);
        });
    assert.deepEqual(missing, []);
});
