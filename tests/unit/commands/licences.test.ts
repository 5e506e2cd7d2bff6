import assert from "node:assert/strict";
import { test } from "node:test";
import { licencesText } from "../../../tools/commands/licences";
import { writeFolder } from "../../support/tinyProject";

const library = (name: string, license: string) =>
    JSON.stringify({ name, version: "1.2.3", license });

test("lists each bundled library once, with its licence", async () => {
    const root = writeFolder({
        "node_modules/b/package.json": library("b", "MIT"),
        "node_modules/b/LICENSE": "Text of b.\n",
        "node_modules/@s/a/package.json": library("@s/a", "(BSD-3-Clause AND Apache-2.0)"),
    });
    const inputs = [
        "src/main.ts",
        "node_modules/b/x.js",
        "node_modules/b/y.js",
        "node_modules/@s/a/z.js",
    ];
    const line = "=".repeat(80);
    assert.equal(
        await licencesText(root, inputs),
        `Libraries that dist/plugin and dist/cli contain, with their licences.

${line}

@s/a 1.2.3 ((BSD-3-Clause AND Apache-2.0))

Licence: (BSD-3-Clause AND Apache-2.0)

${line}

b 1.2.3 (MIT)

Text of b.
`,
    );
});

test("refuses a library that the package may not ship", async () => {
    const root = writeFolder({ "node_modules/c/package.json": library("c", "GPL-3.0-only") });
    await assert.rejects(licencesText(root, ["node_modules/c/x.js"]), {
        message: "cannot ship these libraries under their licences: c (GPL-3.0-only)",
    });
});
