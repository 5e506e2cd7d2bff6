import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Example, openExample } from "../support/example";
import { assertGolden } from "../support/golden";

let example: Example;

before(async () => {
    example = await openExample("kubernetes");
    // Without scripts, and without the plugin, which the package registries do not have.
    const args = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", ".."];
    await example.project.succeed("npm", "install", ...args, "@pulumi/kubernetes@4.34.2");
});

test("kubernetes compiles against the types of @pulumi/kubernetes", async () => {
    await example.project.succeed("npx", "tsc", "-p", ".");
});

test("kubernetes declares the reviewed resources", async () => {
    await example.project.write({
        "mocked.ts": `
import * as pulumi from "@pulumi/pulumi";
import { imageMocks } from "harbor-build/testing";

async function main() {
    const mocks = imageMocks();
    pulumi.runtime.setConfig("harbor:url", "https://harbor.example.com");
    await pulumi.runtime.setMocks({
        ...mocks,
        async newResource(args) {
            const { id, state } = await mocks.newResource(args);
            // The cluster's provider names what the program does not name.
            const metadata = { name: args.name + "-1a2b3c4" };
            return { id, state: args.type.startsWith("kubernetes:") ? { ...state, metadata } : state };
        },
    });
    const { deployment } = require("./index") as typeof import("./index");
    await new Promise((resolve) => pulumi.output(deployment).apply(resolve));
    const own = mocks.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    const hidden = (key: string, value: unknown) => (key === "stringData" ? "a secret" : value);
    console.log(JSON.stringify(own, hidden, 4));
}
void main();
`,
    });
    const printed = await example.project.succeed("npx", "ts-node", "mocked.ts");
    assert.match(printed, /@sha256:[0-9a-f]{64}/);
    assertGolden("kubernetes.json", printed);
});
