import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readConfig, unpackImage } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("args");
const token = "s3cr3t-of-the-registry";
const files = {
    "all/Dockerfile": [
        "FROM alpine:3.22 AS secret",
        "RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /size",
        "FROM base AS named",
        "COPY --from=tools tool.txt /tool.txt",
        "RUN wc -c < /tool.txt > /length",
        "FROM alpine:3.22 AS agent",
        'RUN --mount=type=ssh,id=deploy test -S "$SSH_AUTH_SOCK" && echo yes > /agent',
        "FROM alpine:3.22 AS aimed",
        "COPY --from=secret /size /size",
        "COPY --from=named /tool.txt /tool.txt",
        "COPY --from=agent /agent /agent",
        "RUN cat /etc/hosts > /hosts && tail -n +3 /proc/net/dev > /interfaces",
        "FROM aimed",
        "RUN echo beyond > /beyond",
        "",
    ].join("\n"),
    "tools/tool.txt": "a tool\n",
    "key.pem": generateKeyPairSync("ed25519", {
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey,
};

/** A program with every argument; what is given replaces or adds to them. */
function program(args: Readonly<Record<string, string>> = {}): string {
    const all = {
        project: `{ name: ${JSON.stringify(project)} }`,
        context: '"all"',
        target: '"aimed"',
        secrets: '{ token: process.env["TOKEN"] ?? "", unused: "nobody-mounts-this" }',
        ssh: '[{ id: "deploy", paths: ["key.pem"] }]',
        namedContexts: '{ base: "docker-image://alpine:3.22", tools: "tools" }',
        labels: '{ "org.opencontainers.image.title": "all" }',
        network: '"none"',
        extraHosts: '["harbor.internal:10.1.2.3"]',
        retainImages: "false",
        ...args,
    };
    const source = Object.entries(all).map(([name, value]) => `    ${name}: ${value},`);
    return `
import { CachedImage } from "harbor-build";

new CachedImage("all", {
${source.join("\n")}
});
`;
}

let lab: Lab;
let stack: TestStack;
const images = ["all-app", "all-stage-agent", "all-stage-named", "all-stage-secret"];

before(async () => {
    lab = openLab();
    stack = await TestStack.create(lab, program(), {
        files: writeFolder(files),
        environment: { TOKEN: token },
    });
    const up = succeeded(await stack.up());
    assert.ok(!up.output.includes(token), "no secret is logged");
});

interface StateResource {
    readonly urn: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
    readonly outputs?: Readonly<Record<string, unknown>>;
}

async function readState(): Promise<Map<string, StateResource>> {
    const resources: StateResource[] = JSON.parse(await stack.state()).deployment.resources;
    return new Map(resources.map((one) => [one.urn.slice(one.urn.lastIndexOf("::") + 2), one]));
}

/** The resources that a preview finds changed. */
async function differing(): Promise<readonly string[]> {
    const preview = succeeded(await stack.preview());
    return Object.entries(preview.operations)
        .filter(([, operation]) => operation !== "same")
        .map(([name]) => name)
        .sort();
}

/** The resources that differ when the program is another one. */
async function differingWith(args: Readonly<Record<string, string>>): Promise<readonly string[]> {
    await stack.program(program(args));
    const found = await differing();
    await stack.program(program());
    return found;
}

test("passes secrets, an agent, named contexts, hosts and the network to the stages", async () => {
    const rootfs = await unpackImage(lab.admin, `${project}/all`, "latest");
    const read = (name: string) => readFileSync(join(rootfs, name), "utf8");
    assert.equal(read("size"), `${token.length}\n`);
    assert.equal(read("tool.txt"), "a tool\n");
    assert.equal(read("agent"), "yes\n");
    assert.match(read("hosts"), /^10\.1\.2\.3\s+harbor\.internal$/m);
    assert.deepEqual(
        read("interfaces").match(/\w+(?=:)/g),
        ["lo"],
        "a step without network has the loopback alone",
    );
    assert.equal(existsSync(join(rootfs, "beyond")), false, "the target is where the build ends");
});

test("sets labels only on the app image", async () => {
    const app = await readConfig(lab.admin, `${project}/all`, "latest");
    assert.deepEqual(app.config.Labels, { "org.opencontainers.image.title": "all" });
    const stage = await readConfig(lab.admin, `${project}/all/cache`, "dev__agent");
    assert.equal(stage.config.Labels, undefined);
    assert.deepEqual(await differingWith({ labels: '{ revision: "2" }' }), ["all", "all-app"]);
});

test("gives a secret to the images whose stages mount it, and encrypts it in the state", async () => {
    const state = await stack.state();
    assert.ok(!state.includes(token));
    const resources = await readState();
    const secretIds = images.map((name) => {
        const secrets = resources.get(name)?.inputs?.["secrets"] ?? {};
        return [name, Object.keys(secrets).sort()];
    });
    const encrypted = ["4dabf18193072939515e22adb298388d", "ciphertext"];
    assert.deepEqual(Object.fromEntries(secretIds), {
        "all-app": encrypted,
        "all-stage-agent": [],
        "all-stage-named": [],
        "all-stage-secret": encrypted,
    });
    assert.deepEqual(resources.get("all-app")?.inputs?.["ignoreSecretsInDiffCalculation"], [
        "token",
    ]);
});

test("shows no diff for a rotated secret", async () => {
    const undo = stack.setEnvironment({ TOKEN: "an0ther-one" });
    const found = await differing();
    undo();
    assert.deepEqual(found, []);
});

test("shows a secret that no stage mounts only as a diff of the component", async () => {
    const secrets = '{ token: process.env["TOKEN"] ?? "", unused: "x", further: "y" }';
    assert.deepEqual(await differingWith({ secrets }), ["all"]);
});

test("shows a change in a named context as a diff of the images that read it", async () => {
    const file = join(stack.folder, "tools/tool.txt");
    writeFileSync(file, "another tool\n");
    const found = await differing();
    writeFileSync(file, files["tools/tool.txt"]);
    assert.deepEqual(found, ["all-app", "all-stage-named"]);
});

test("shows a named context that no stage reads only as a diff of the component", async () => {
    const namedContexts =
        '{ base: "docker-image://alpine:3.22", tools: "tools", more: "docker-image://golang" }';
    assert.deepEqual(await differingWith({ namedContexts }), ["all"]);
});

test("builds another app image for another target, without the builder-stage images that the target lacks", async () => {
    await stack.program(program({ target: '"agent"' }));
    const preview = await stack.preview();
    await stack.program(program());
    assert.equal(preview.code, 0, preview.output);
    assert.deepEqual(changesOf(preview), {
        all: "update",
        "all-app": "update",
        "all-stage-agent": "delete",
        "all-stage-named": "delete",
        "all-stage-secret": "delete",
    });
});
