import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "..", "..");

/** Every import of a file below a folder: `[file, what it imports]`, relative ones resolved. */
function importsOf(folder: string): [string, string][] {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter(
        (file) => file.endsWith(".ts"),
    );
    return files.flatMap((name) => {
        const file = join(folder, name);
        const text = readFileSync(join(root, file), "utf8");
        const found = text.matchAll(/(?:from|import|require\()\s*"([^"]+)"/g);
        return [...found].map(([, target = ""]): [string, string] => [
            file,
            target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target,
        ]);
    });
}

function forbidden(folder: string, pattern: RegExp): string[] {
    return importsOf(folder)
        .filter(([, target]) => pattern.test(target))
        .map(([file, target]) => `${file} → ${target}`);
}

test("the imports of a folder are found, so that what follows can fail", () => {
    assert.ok(
        importsOf("src").some(
            ([file, target]) => file === "src/index.ts" && target === "src/cachedImage",
        ),
    );
});

test("nothing published imports what is not published", () => {
    assert.deepEqual(forbidden("src", /^(sandbox|toolchain|commands|tests|examples)(\/|$)/), []);
});

test("pure rooms and the Harbor client know nothing of Pulumi", () => {
    const rooms = "dockerfile context bases cache oci policy harbor registry".split(" ");
    for (const room of rooms) {
        assert.deepEqual(forbidden(`src/${room}`, /^@pulumi\//), [], room);
    }
});

test("components speak to Harbor through the provider's SDK alone", () => {
    const components = importsOf("src").filter(([file]) => dirname(file) === "src");
    assert.deepEqual(
        components.filter(([, target]) => /^src\/provider(\/|$)/.test(target)),
        [],
    );
});

test("the provider plugin stands apart from the components", () => {
    assert.deepEqual(forbidden("src/provider", /^src\/(?!provider(\/|$)|harbor(\/|$))/), []);
});

test("the sandbox imports nothing published: a shared mistake would hide itself", () => {
    assert.deepEqual(forbidden("sandbox", /^(src|commands|tests)(\/|$)/), []);
});

test("the toolchain imports neither sandbox nor commands", () => {
    assert.deepEqual(forbidden("toolchain", /^(src|sandbox|commands|tests)(\/|$)/), []);
});
