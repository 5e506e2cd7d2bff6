import assert from "node:assert/strict";
import { test } from "node:test";
import { bomText, bundledLibraries, licencesText } from "../../../tools/commands/licences";
import { writeFolder } from "../../support/tinyProject";

const library = (name: string, license: string) =>
    JSON.stringify({ name, version: "1.2.3", license });

/** Two libraries, one of them with two files in a bundle. */
function libraries() {
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
    return bundledLibraries(root, inputs);
}

test("lists each bundled library once, with its licence", async () => {
    const line = "=".repeat(80);
    assert.equal(
        licencesText(await libraries()),
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
    await assert.rejects(bundledLibraries(root, ["node_modules/c/x.js"]), {
        message: "cannot ship these libraries under their licences: c (GPL-3.0-only)",
    });
});

test("lists the bundled libraries for scanners, as CycloneDX", async () => {
    const bom = JSON.parse(bomText({ name: "p", version: "0.1.0" }, await libraries()));
    const [first, second] = ["pkg:npm/%40s/a@1.2.3", "pkg:npm/b@1.2.3"];
    assert.deepEqual(bom, {
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        version: 1,
        metadata: {
            component: {
                type: "library",
                "bom-ref": "pkg:npm/p@0.1.0",
                name: "p",
                version: "0.1.0",
                purl: "pkg:npm/p@0.1.0",
            },
        },
        components: [
            {
                type: "library",
                "bom-ref": first,
                name: "@s/a",
                version: "1.2.3",
                purl: first,
                licenses: [{ expression: "(BSD-3-Clause AND Apache-2.0)" }],
            },
            {
                type: "library",
                "bom-ref": second,
                name: "b",
                version: "1.2.3",
                purl: second,
                licenses: [{ expression: "MIT" }],
            },
        ],
        dependencies: [{ ref: "pkg:npm/p@0.1.0", dependsOn: [first, second] }],
    });
});
