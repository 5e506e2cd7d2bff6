import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { readContents } from "../support/harborContents";
import { readManifest } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { descendantsOf, environmentOf, type Process } from "../support/processes";
import { pull } from "../support/registry";
import { succeeded } from "../support/run";
import { secretsIn } from "../support/secretSearch";
import { type Run, TestStack } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const project = uniqueName("nowhere");
const lab = openLab();
/** Two lines, with characters that base64, URLs and JSON spell differently. */
const token = 'first/line+of "the" <token>\nsecond-line&of=the-token?';
/** Not in the configuration, whose values Pulumi masks in every output. */
const chosen = "Chosen-passw0rd-4711";
const program = `
import * as pulumi from "@pulumi/pulumi";
import * as harbor from "harbor-build/harbor";
import { CachedImage } from "harbor-build";

const config = new pulumi.Config();
const tiny = new CachedImage("tiny", {
    project: { name: "${project}" },
    context: "tiny",
    retainImages: false,
    secrets: { token: config.requireSecret("token") },
    cache: { carryMounts: true },
});
new harbor.RobotAccount("chosen", {
    name: "chosen",
    level: "project",
    permissions: [{ kind: "project", namespace: tiny.projectName, accesses: [{ resource: "repository", action: "pull" }] }],
    secret: pulumi.secret("${chosen}"),
}, { dependsOn: [tiny] });
export const image = tiny.ref;
`;
const files = {
    ...tinyFiles,
    "tiny/Dockerfile": [
        "FROM alpine:3.22 AS build",
        "RUN --mount=type=secret,id=token --mount=type=cache,target=/kept \\",
        "    test -s /run/secrets/token && echo kept > /kept/file && echo out > /out",
        "FROM alpine:3.22",
        "COPY --from=build /out /out",
        "",
    ].join("\n"),
};

/** The same secrets in a program without harbor-build. */
const plainProgram = `
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";

new dockerBuild.Image("plain", {
    push: false,
    buildOnPreview: false,
    context: { location: "." },
    dockerfile: { inline: "FROM scratch" },
    registries: [{ address: "registry.example.com", username: "plain", password: pulumi.secret("${chosen}") }],
});
`;
const loudly = ["--diff", "--logtostderr", "--logflow", "-v=9"];

let stack: TestStack;
let secrets: readonly string[];
/** What each command printed, and its event log. */
const runs: Record<string, { readonly output: string; readonly events: string }> = {};
const processes = new Map<string, Process & { readonly environment: string }>();

before(async () => {
    stack = await TestStack.create(lab, program, { files: writeFolder(files) });
    const set = await stack.pulumi(["config", "set", "--secret", "token", token]);
    assert.equal(set.code, 0, set.output);
    keep("preview", stack, await stack.preview("--diff"));
    keep("up", stack, await watched());
    keep("refresh", stack, await stack.refresh("--diff"));
    keep("preview with logs", stack, await stack.preview(...loudly));
    const plain = await TestStack.create(lab, plainProgram);
    keep("preview without harbor-build", plain, await plain.preview(...loudly));
    const shown = await stack.pulumi(["stack", "export", "--show-secrets"]);
    // Shape: apitype.UntypedDeployment.
    const { deployment } = JSON.parse(shown.stdout) as {
        deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
    };
    const robots = deployment.resources.filter(({ type }) => type.endsWith(":RobotAccount"));
    const generated = robots.map(({ outputs: { secret } = {} }) => plainOf(secret));
    assert.equal(generated.length, 2, "both robot accounts");
    const { password } = lab.admin;
    secrets = [...new Set([token, ...token.split("\n"), chosen, password, ...generated])];
});

function keep(command: string, { folder }: TestStack, run: Run): void {
    const { output } = succeeded(run);
    runs[command] = { output, events: readFileSync(join(folder, ".events.json"), "utf8") };
}

/** A secret of an exported state, which is JSON inside JSON. */
function plainOf(secret: unknown): string {
    const { plaintext } = Object(secret);
    assert.equal(typeof plaintext, "string", "a secret of the state");
    return JSON.parse(plaintext);
}

/** An update whose processes are recorded. */
async function watched() {
    let isOver = false;
    let watching = Promise.resolve();
    const run = await stack.observed("up", (pid) => {
        watching = (async () => {
            while (!isOver) {
                for (const one of descendantsOf(pid)) {
                    const key = `${one.pid} ${one.command}`;
                    const known = processes.get(key)?.environment ?? "";
                    processes.set(key, { ...one, environment: known || environmentOf(one.pid) });
                }
                await sleep(20);
            }
        })();
    });
    isOver = true;
    await watching;
    return run;
}

/** Fails unless the place has the `control`, and none of the secrets. */
function assertNone(place: string, text: string, control: string, hidden = secrets): void {
    assert.ok(text.includes(control), `${place} has "${control}"`);
    assert.deepEqual(
        secretsIn(text, hidden).map((secret) => secrets.indexOf(secret)),
        [],
        `secrets in ${place}, by their place in the list`,
    );
}

/**
 * Messages that Pulumi writes with secrets in plain text, for every program: the engine's and the
 * plugins' Go library about each property, and the SDK about each answer of the engine.
 */
const pulumis = /^(?:Unmarshaling|Marshaling) property for RPC\[|^RegisterResource RPC finished: /;

/** The message of a log's line, or of an event's text; both may repeat the line of a plugin's log. */
function messageOf(text: string): string {
    const plain = text.replace(/<{%[^%]*%}>/g, "").replace(/^eventSink::Debug\(|^debug: /, "");
    // The closing bracket is one of eventSink::Debug.
    const line = /^{"time".*}/s.exec(plain)?.[0];
    if (line === undefined) return plain;
    // Shape: a record of Go's log/slog.
    const { msg } = JSON.parse(line) as { msg: string };
    return messageOf(msg);
}

/** The message of an event for people; empty for other events. */
function diagnosisOf(event: string): string {
    // Shape: apitype.EngineEvent.
    const { diagnosticEvent } = JSON.parse(event) as { diagnosticEvent?: { message: string } };
    return messageOf(diagnosticEvent?.message ?? "");
}

test("shows no secret in the output of any command", () => {
    for (const command of ["preview", "up", "refresh"]) {
        assertNone(command, runs[command]?.output ?? "", "test-dev");
    }
});

test("adds no secret to Pulumi's log at the highest verbosity", () => {
    const lines = runs["preview with logs"]?.output.split("\n") ?? [];
    const others = lines.filter((line) => !pulumis.test(messageOf(line)));
    assert.ok(others.length < lines.length, "Pulumi's own messages");
    assertNone("the log", others.join("\n"), "pulumi-resource-harbor");
});

test("adds no secret to the event log of any command", () => {
    for (const [command, { events }] of Object.entries(runs)) {
        const lines = events.split("\n").filter((line) => line !== "");
        const others = lines.filter((line) => !pulumis.test(diagnosisOf(line)));
        assertNone(command, others.join("\n"), "resourcePreEvent");
    }
});

// When this fails, Pulumi hides secrets: remove what the tests above leave out, and the warning in
// SECURITY.md.
test("finds secrets in Pulumi's own log and event log of a program without harbor-build", () => {
    const { output, events } = runs["preview without harbor-build"] ?? { output: "", events: "" };
    const kinds = (lines: readonly string[]) => {
        const leaking = lines.filter((line) => line.includes(chosen));
        return [...new Set(leaking.map((line) => pulumis.exec(line)?.[0]))].sort();
    };
    const all = [
        "Marshaling property for RPC[",
        "RegisterResource RPC finished: ",
        "Unmarshaling property for RPC[",
    ];
    assert.deepEqual(kinds(output.split("\n").map(messageOf)), all);
    assert.deepEqual(kinds(events.split("\n").filter(Boolean).map(diagnosisOf)), all);
});

test("writes no secret to the state or the generated files", () => {
    const all = filesBelow(stack.folder);
    for (const [name, control] of Object.entries({
        ".state/": "tiny-app",
        ".harbor-build/": "COPY --from=build",
    })) {
        const own = all.filter((file) => file.slice(stack.folder.length + 1).startsWith(name));
        assertNone(name, own.map((file) => readFileSync(file, "latin1")).join("\n"), control);
    }
});

function filesBelow(folder: string): readonly string[] {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((name) => join(folder, name))
        .filter((file) => statSync(file).isFile());
}

test("pushes no secret in an image, its configuration, a cache or a saved mount", async () => {
    const contents = await readContents(lab.admin, project);
    const texts: string[] = [];
    for (const [name, digests] of Object.entries(contents ?? {})) {
        const repository = `${project}/${name}`;
        for (const digest of Object.keys(digests)) {
            const raw = await pull(lab.admin, repository, `manifests/${digest}`);
            texts.push(raw.body.toString("latin1"));
            const { config, layers = [] } = await readManifest(lab.admin, repository, digest);
            for (const blob of config === undefined ? layers : [config, ...layers]) {
                const { status, body } = await pull(lab.admin, repository, `blobs/${blob.digest}`);
                assert.equal(status, 200, blob.digest);
                texts.push(unpacked(body).toString("latin1"));
            }
        }
    }
    // The content of the saved mount, and that of a layer.
    assertNone("Harbor", texts.join("\n"), "kept\n");
    assertNone("Harbor", texts.join("\n"), "out\n");
});

function unpacked(body: Buffer): Buffer {
    if (body.readUInt16BE(0) === 0x1f8b) return gunzipSync(body);
    return body.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(body) : body;
}

test("passes no secret in the arguments of a process, nor in the environment of a plugin", () => {
    const all = [...processes.values()];
    const commands = all.map(({ command }) => command).join("\n");
    assertNone("arguments", commands, "pulumi-resource-docker-build");
    // Pulumi passes the configuration to the program, and its user the login to every process.
    const others = all.filter(({ environment }) => !environment.includes("PULUMI_CONFIG="));
    const hidden = secrets.filter((secret) => secret !== lab.admin.password);
    const environments = others.map(({ environment }) => environment).join("\n");
    assertNone("environments", environments, "PATH=", hidden);
    assert.ok(all.length > others.length, "the program's environment was seen");
});
