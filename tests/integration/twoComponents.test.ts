import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { describeImage } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { createProject } from "../support/registry";
import { changesOf, succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const lab = openLab();
const { username, password } = lab.admin;
const project = uniqueName("two");
const report = "report.md";

before(() => createProject(lab.admin, project));

/** Components that the plugin constructs, as in programs of other languages. */
const program = (components: string) => `
import * as pulumi from "@pulumi/pulumi";

class Group extends pulumi.ComponentResource {
    constructor(name: string) {
        super("test:index:Group-" + name, name);
    }
}

class Remote extends pulumi.ComponentResource {
    readonly digest!: pulumi.Output<string>;

    constructor(name: string, args: object, parent?: pulumi.Resource) {
        const { TEST_USERNAME: username = "", TEST_PASSWORD: password = "" } = process.env;
        const inputs = {
            digest: undefined,
            project: { name: "${project}", existing: true },
            credentials: { username, password },
            ...args,
        };
        super("harbor-build:index:CachedImage", name, inputs, { parent }, true);
    }
}

${components}
`;

const oneImage = (scope: string) =>
    program(`
        export const a = new Remote("a", { image: "base", tags: ["a"], context: "a" }).digest;
        export const b = new Remote("b", { image: "base", tags: ["b"], context: "b"${scope} }).digest;
    `);

const contexts = ["a", "b"].map((name) => ({
    [`${name}/Dockerfile`]: `FROM scratch\nCOPY ${name}.txt /\n`,
    [`${name}/${name}.txt`]: `${name}\n`,
}));

const stack = sharedStack(lab, oneImage(""), {
    environment: {
        TEST_USERNAME: username,
        TEST_PASSWORD: password,
        HARBOR_BUILD_REPORT: report,
    },
    files: writeFolder(Object.assign({}, ...contexts)),
});

test("rejects two components with one image in the preview, with what to do", async () => {
    const { code, output } = await stack.preview();
    assert.notEqual(code, 0);
    const [, second, first] =
        /CachedImage "([ab])": an argument is invalid\.\s+image: "base" has the same cache as CachedImage "([ab])": /.exec(
            output,
        ) ?? [];
    assert.deepEqual([first, second].sort(), ["a", "b"], output);
    assert.match(
        output,
        /Fix: set another image, or another cache\.scope that contains the stack's name,/,
    );
});

test("builds two components with one image and two scopes from their own files", async () => {
    await stack.program(oneImage(', cache: { scope: "b" }'));
    succeeded(await stack.up());
    for (const [name, digest] of Object.entries(await stack.outputs())) {
        const files = await describeImage(lab.admin, `${project}/base`, String(digest));
        assert.deepEqual(Object.keys(files), [`${name}.txt`]);
    }
    assert.deepEqual(changesOf(await stack.up()), {});
});

test("builds two components with one name, and reports the images of both", async () => {
    await stack.program(
        program(`
            for (const name of ["a", "b"]) {
                new Remote("web", { image: name, context: name }, new Group(name));
            }
        `),
    );
    succeeded(await stack.up());
    const text = readFileSync(join(stack.folder, report), "utf8");
    assert.match(text, /2 built and pushed\./);
    for (const name of ["a", "b"]) {
        // A colon is markup.
        assert.ok(text.includes(`/${project}/${name}&#58;latest</code>`), text);
    }
});
