import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { askApi, createProject } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { type Run, TestStack } from "../support/stack";

const project = uniqueName("hooks");
let lab: Lab;
let proxy: RegistryProxy;
let stack: TestStack;

const second =
    'new Built("fm", "second", { parent: new pulumi.ComponentResource("test:index:Parent", "parent") });';
const given = `process.env["TEST_USERNAME"] ?? "", process.env["TEST_PASSWORD"] ?? ""`;

/** A component with an image, and what follows; `login` is the source of user and password. */
const program = (host: string, more = "", login = given) => `
const [username, password] = [${login}];
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { imageHooks } from "../../../../src/hooks/imageHooks";

class Built extends pulumi.ComponentResource {
    constructor(name: string, image: string, opts: pulumi.ComponentResourceOptions = {}) {
        super("test:index:Built", name, {}, opts);
        const tag = (scope: string) => \`${host}/${project}/\${image}/cache:\${scope}\`;
        const hooks = imageHooks(name, {
            ownReferences: [tag("dev")],
            url: "http://${host}",
            retry: { delayMs: 200 },
        });
        new dockerBuild.Image(image, {
            context: { location: "./context" },
            tags: [tag("dev")],
            cacheFrom: ["dev", "main"].map((scope) => ({ registry: { ref: tag(scope) } })),
            cacheTo: [{ inline: {} }],
            exports: [{ registry: { ociMediaTypes: true } }],
            push: false,
            buildOnPreview: false,
            registries: [{ address: "${host}", username, password: pulumi.secret(password) }],
        }, { parent: this, hooks: hooks?.hooks, retainOnDelete: true });
    }
}

new Built("fm", "first");
${more}
`;

before(async () => {
    lab = openLab();
    proxy = await startRegistryProxy(lab.admin.url);
    await createProject(lab.admin, project);
    stack = await TestStack.create(lab, program(proxy.host, second), {
        environment: {
            TEST_USERNAME: lab.admin.username,
            TEST_PASSWORD: lab.admin.password,
        },
    });
    await mkdir(join(stack.folder, "context"));
    await writeFile(join(stack.folder, "context", "Dockerfile"), "FROM scratch\nCOPY text /text\n");
    await change();
});

let changes = 0;
const change = () => writeFile(join(stack.folder, "context", "text"), `${++changes}`);
/** The lines of a run that begin so, each once. */
const lines = (run: Run, start: RegExp) => [
    ...new Set(
        run.output
            .split("\n")
            .map((line) => line.trim())
            .filter((line) => start.test(line)),
    ),
];
const caches = (run: Run) => lines(run, /^(warning: )?cache: /);
const cold = "; the build starts with only the builder's local cache";

test("reports in a preview the state of the cache of an image to build, for both components", async () => {
    const run = await stack.preview();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(caches(run), [`cache: dev is not written yet, main is missing${cold}`]);
    assert.equal(run.output.split("\n").filter((line) => /^\s+cache: /.test(line)).length, 2);
});

test("reports the same in an up, and nothing in an unchanged one", async () => {
    const first = await stack.up();
    assert.equal(first.code, 0, first.output);
    assert.deepEqual(caches(first), [`cache: dev is not written yet, main is missing${cold}`]);
    const second = await stack.up();
    assert.equal(second.code, 0, second.output);
    assert.deepEqual(caches(second), []);
});

test("finds the cache that the last update pushed", async () => {
    await stack.program(program(proxy.host));
    await change();
    const run = await stack.up();
    assert.equal(run.code, 0, run.output);
    const [line = "", ...more] = caches(run);
    assert.match(line, /^cache: dev exists \(sha256:[0-9a-f]{12}…\), main is missing$/);
    assert.deepEqual(more, []);
});

test("warns of a deleted cache", async () => {
    const path = `/projects/${project}/repositories/first%252Fcache/artifacts/dev`;
    assert.equal((await askApi(lab.admin, path, { method: "DELETE" })).status, 200);
    await change();
    const run = await stack.preview();
    assert.deepEqual(caches(run), [`warning: cache: dev was deleted, main is missing${cold}`]);
    assert.match(run.output, /dev: artifact .* not found\. This stack pushed it before, unless/);
    const restored = await stack.up();
    assert.equal(restored.code, 0, restored.output);
});

test("retries a registry that is unavailable for longer than BuildKit waits", async () => {
    // BuildKit gives up after four rounds of two requests.
    proxy.breakNext({
        method: "PUT",
        path: "/manifests/dev",
        status: 503,
        headers: { "retry-after": "1" },
        times: 9,
    });
    await change();
    const run = await stack.up();
    assert.equal(run.code, 0, run.output);
    assert.equal(proxy.broken(), 9);
    const url = `${proxy.url}/v2/${project}/first/cache/manifests/dev`;
    const [retry = "", ...more] = lines(run, /^warning: .*building again/);
    assert.match(
        retry,
        /^warning: the registry answered 503 to PUT (\S+); building again in 0\.[12] s \(retry 1 of 3\)$/,
    );
    assert.ok(retry.includes(url), retry);
    assert.deepEqual(more, []);
});

test("ends the build at once for a wrong secret, and reports it without the secret", async () => {
    await change();
    await stack.program(program(proxy.host, "", `"robot$${project}+nobody", "Wr0ng-secret"`));
    const run = await stack.up();
    assert.notEqual(run.code, 0);
    assert.deepEqual(lines(run, /^warning: .*building again/), []);
    assert.match(
        run.output,
        /warning: .* not retried\. The robot account \S+\+nobody does not exist in Harbor\./,
    );
    assert.match(
        run.output,
        /warning: cache: dev cannot be read \(login refused\), main cannot be read/,
    );
    assert.doesNotMatch(run.output, /Wr0ng/);
});
