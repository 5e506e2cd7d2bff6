import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../support/lab";

const folder = join(root, "tests", "unit");

interface Row {
    readonly fault: string;
    /** Test files below tests/unit, without `.test.ts`; those of this folder by their name alone. */
    readonly files: readonly string[];
}

function rowsOfTable(): readonly Row[] {
    const lines = readFileSync(join(root, "docs", "known-faults.md"), "utf8").split("\n");
    return lines
        .map((line) => line.split("|").map((cell) => cell.trim()))
        .filter(([, fault = ""]) => /^\d+$/.test(fault))
        .map(([, fault = "", , , files = ""]) => ({
            fault,
            files: files
                .split(", ")
                .map((file) => (file.includes("/") ? file : `provider/${file}`)),
        }));
}

/** Faults that a file's test titles name. */
function namedIn(file: string): readonly string[] {
    const source = readFileSync(join(folder, `${file}.test.ts`), "utf8");
    const titles = [...source.matchAll(/\b\w+\(\s*(["'`])(.*?)\1,/g)];
    return titles.flatMap(([, , title = ""]) =>
        [...title.matchAll(/\(fault (\d+)/g)].map(([, fault = ""]) => fault),
    );
}

const rows = rowsOfTable();

test("lists every fault once, in order", () => {
    assert.deepEqual(
        rows.map(({ fault }) => fault),
        rows.map((_, index) => String(index + 1)),
    );
    assert.ok(rows.length >= 21, `${rows.length} rows`);
});

test("has a test for every fault in each file of its row", () => {
    const unnamed = rows.flatMap(({ fault, files }) =>
        files.filter((file) => !namedIn(file).includes(fault)).map((file) => `${fault}: ${file}`),
    );
    assert.deepEqual(unnamed, []);
});

test("has a row with the file for every test that names a fault", () => {
    const files = ["provider", "harbor"].flatMap((room) =>
        readdirSync(join(folder, room))
            .filter((name) => name.endsWith(".test.ts") && name !== "knownFaults.test.ts")
            .map((name) => `${room}/${name.replace(".test.ts", "")}`),
    );
    const astray = files.flatMap((file) =>
        namedIn(file)
            .filter((fault) => !rows.some((row) => row.fault === fault && row.files.includes(file)))
            .map((fault) => `${fault}: ${file}`),
    );
    assert.deepEqual(astray, []);
});
