import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { type HarborLab, openHarborLab } from "../support/harborLab";
import { uniqueName } from "../support/lab";
import { asUser } from "../support/policyProject";
import { succeeded } from "../support/run";
import { type Run, TestStack } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

let harbor: HarborLab;

before(async () => {
    harbor = await openHarborLab();
});

/** A program as source text; `image` are arguments of the image, `opts` its options. */
interface Said {
    readonly before?: string;
    readonly image: string;
    readonly opts?: string;
    readonly after?: string;
}

/** An image whose registry is Harbor itself, while the provider goes through the proxy. */
const program = ({ before: first = "", image, opts = "", after: last = "" }: Said) => `
import { CachedImage, ImageProject } from "harbor-build";
import * as harbor from "@pulumi/harbor";

const { TEST_USERNAME: username = "", TEST_PASSWORD: password = "" } = process.env;
const credentials = { username, password };
${first}
new CachedImage("tiny", {
    context: "tiny",
    registry: ${JSON.stringify(new URL(harbor.lab.admin.url).host)},
    ${image}
}, { ${opts} });
${last}
export const used = [ImageProject, harbor.Project, credentials.username].length;
`;

async function stackOf(said: Said, environment: NodeJS.ProcessEnv = {}): Promise<TestStack> {
    const { admin } = harbor.lab;
    return TestStack.create(harbor.lab, program(said), {
        files: writeFolder(tinyFiles),
        environment: {
            HARBOR_URL: harbor.proxy.url,
            TEST_USERNAME: admin.username,
            TEST_PASSWORD: admin.password,
            ...environment,
        },
    });
}

const existing = (name: string, more = "") =>
    `project: { name: ${JSON.stringify(name)}, existing: true }, ${more}`;

function refused(run: Run, path: string, name: string): void {
    assert.notEqual(run.code, 0, run.output);
    const text = `CachedImage "tiny": an argument is invalid.`;
    assert.ok(run.output.includes(text), run.output);
    assert.ok(run.output.includes(`${path}: Harbor has no project "${name}". `), run.output);
    assert.doesNotMatch(run.output, /^\s+at .*:\d+:\d+/m);
}

const silent = (run: Run) => {
    assert.equal(run.code, 0, run.output);
    assert.doesNotMatch(run.output, /has no project/);
};

test("reports an undeclared project by its argument in the preview, and creates nothing", async () => {
    const name = uniqueName("nowhere");
    const stack = await stackOf({ image: existing(name) });
    const preview = await stack.preview();
    refused(preview, "project.name", name);
    assert.match(preview.output, /Remove project\.existing to declare it here/);
    const up = await stack.up();
    refused(up, "project.name", name);
    assert.equal(up.operations["tiny-stage-build"], undefined);
});

test("reports an undeclared caches' project in the preview", async () => {
    const name = uniqueName("nowhere");
    const image = `project: { name: "${uniqueName("declared")}" }, cache: { project: "${name}" },`;
    refused(await (await stackOf({ image })).preview(), "cache.project", name);
});

test("reports an undeclared project with given credentials, before a build", async () => {
    const name = uniqueName("nowhere");
    const stack = await stackOf({ image: existing(name, "credentials,") });
    refused(await stack.preview(), "project.name", name);
    const up = await stack.up();
    refused(up, "project.name", name);
    // The builder stage was not started: nothing of it is in the log.
    assert.doesNotMatch(up.output, /RUN cat/);
});

test("reports an undeclared project to a user without rights", async () => {
    const { environment } = await asUser(harbor.lab);
    const name = uniqueName("nowhere");
    const stack = await stackOf({ image: existing(name) }, environment);
    refused(await stack.preview(), "project.name", name);
});

test("claims nothing about a login that Harbor rejects", async () => {
    const stack = await stackOf(
        { image: existing(uniqueName("nowhere")) },
        { HARBOR_PASSWORD: "Wrong-passw0rd" },
    );
    assert.doesNotMatch((await stack.preview()).output, /has no project/);
});

test("accepts a project that another resource of the program declares", async () => {
    for (const given of ["", "credentials,"]) {
        const name = uniqueName("beside");
        const declared = `const project = new harbor.Project("p", { name: "${name}", forceDestroy: true });`;
        const stack = await stackOf({
            before: declared,
            image: existing(name, given),
            opts: "dependsOn: [project]",
        });
        silent(await stack.preview());
        silent(await stack.up());
    }
});

test("accepts a project that is declared after the image, or by a component", async () => {
    const name = uniqueName("behind");
    const declared = `new harbor.Project("p", { name: "${name}" });`;
    for (const given of ["", "credentials,"]) {
        silent(await (await stackOf({ image: existing(name, given), after: declared })).preview());
    }
    const shop = `const shop = new ImageProject("shop", { name: "${uniqueName("shop")}", retainImages: false });`;
    const owned = await stackOf({ before: shop, image: "project: shop.project," });
    silent(await owned.preview());
    silent(await owned.up());
});

test("ends with more new images than the engine has workers", { timeout: 300_000 }, async () => {
    const name = uniqueName("crowd");
    await harbor.admin("POST", "/projects", { project_name: name });
    const others = `
for (let index = 0; index < 12; index++) {
    new CachedImage(\`image\${index}\`, {
        context: "tiny",
        registry: ${JSON.stringify(new URL(harbor.lab.admin.url).host)},
        ${existing(name)}
    });
}`;
    const stack = await stackOf({ image: existing(name), after: others });
    silent(await stack.preview("--parallel", "4"));
});

test("sends no request to Harbor's API in a run that builds nothing", async () => {
    const name = uniqueName("quiet");
    await harbor.admin("POST", "/projects", { project_name: name });
    const stack = await stackOf({ image: existing(name) });
    harbor.takeRequests();
    succeeded(await stack.up());
    const asked = harbor.takeRequests();
    assert.deepEqual(
        asked.filter((line) => line.includes("/projects")),
        // The hook asks for the project; the provider looks there for robot accounts of an interrupted run.
        [
            `GET /projects/${name}`,
            `GET /projects/${name}`,
            ...asked.filter((line) => line.endsWith("/scanner")),
        ],
    );
    succeeded(await stack.preview("--expect-no-changes"));
    succeeded(await stack.up("--expect-no-changes"));
    assert.deepEqual(harbor.takeRequests(), []);
    appendFileSync(join(stack.folder, "tiny/lib.txt"), "more\n");
    succeeded(await stack.up());
    assert.deepEqual(harbor.takeRequests(), []);
});
