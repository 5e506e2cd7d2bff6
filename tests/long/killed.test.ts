import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureSandbox } from "../../tools/sandbox/sandbox";
import { assertSection } from "../support/golden";
import { readContents } from "../support/harborContents";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { descendantsOf, isRunning, type Process } from "../support/processes";
import { askApi, listApi } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { changesOf, succeeded } from "../support/run";
import { type Run, TestStack } from "../support/stack";
import { tableOf } from "../support/table";
import { tinyProgram, writeFolder } from "../support/tinyProject";

type Command = "preview" | "up" | "refresh" | "destroy";

/** The processes of a run, by their command lines; the engine is the run's own process. */
const processes = {
    program: /\/cmd\/run\b/,
    "Pulumi's engine": undefined,
    "docker-build's plugin": /pulumi-resource-docker-build/,
    "Harbor provider": /pulumi-resource-harbor/,
} as const;
type Killed = keyof typeof processes;

/** When a process is killed: when a request of the run arrives, which Harbor then carries out. */
interface Moment {
    readonly command: Command;
    readonly text: string;
    readonly request: RegExp;
    readonly killed: readonly Killed[];
}

const all = Object.keys(processes) as readonly Killed[]; // The keys of the table above.
const plugins = ["docker-build's plugin", "Harbor provider"] as const;
const step: Moment = {
    command: "up",
    text: "BuildKit runs a step",
    request: /^GET \/step\?/,
    killed: all,
};
const pushed: Moment = {
    command: "up",
    text: "BuildKit pushes the app image",
    request: /^PUT \/v2\/[^/]+\/tiny\/manifests\//,
    killed: all,
};
const moments: readonly Moment[] = [
    {
        command: "preview",
        text: "the program asks for the caches",
        request: /^(GET|HEAD) \/v2\/.*\/manifests\/dev$/,
        killed: all,
    },
    {
        command: "up",
        text: "Harbor creates the project",
        request: /^POST .*\/projects$/,
        killed: ["program", "Harbor provider"],
    },
    {
        command: "up",
        text: "Harbor creates the robot account",
        request: /^POST .*\/robots$/,
        killed: ["Harbor provider"],
    },
    step,
    pushed,
    {
        command: "refresh",
        text: "the provider reads the robot account",
        request: /^GET .*\/robots\/\d+$/,
        killed: ["Pulumi's engine", ...plugins],
    },
    // interruptedRequests.test.ts ends the engine there.
    {
        command: "destroy",
        text: "Harbor deletes the robot account",
        request: /^DELETE .*\/robots\/\d+$/,
        killed: plugins,
    },
    {
        command: "destroy",
        text: "Harbor deletes the project",
        request: /^DELETE .*\/projects\/\d+$/,
        killed: ["Harbor provider"],
    },
];

const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY lib.txt /src/",
    "RUN wget -q -O /dev/null $(cat /src/lib.txt) || true; cp /src/lib.txt /out",
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
    "",
].join("\n");

let lab: Lab;

before(() => {
    lab = openLab();
});

/** A stack of a case's own, with the proxy in front of its Harbor and its temporary folder. */
interface Case {
    readonly stack: TestStack;
    readonly project: string;
    readonly proxy: RegistryProxy;
    readonly temporary: string;
}

async function newCase(): Promise<Case> {
    const project = uniqueName("killed");
    const proxy = await startRegistryProxy(lab.admin.url);
    const stack = await TestStack.create(lab, tinyProgram(project), {
        files: writeFolder({ "tiny/Dockerfile": dockerfile, "tiny/lib.txt": "" }),
        environment: { HARBOR_URL: proxy.url },
    });
    const temporary = join(stack.folder, "tmp");
    mkdirSync(temporary);
    stack.setEnvironment({ TMPDIR: temporary });
    return { stack, project, proxy, temporary };
}

/** Changes what the builder stage reads; its step then sends a request to the proxy. */
async function edit({ stack, proxy }: Case): Promise<void> {
    const address = `${proxy.url}/step?${randomBytes(8).toString("hex")}`;
    await writeFile(join(stack.folder, "tiny", "lib.txt"), `${address}\n`);
}

/** Runs a command, and kills a process of the run at the moment. Gives what runs on. */
async function runKilled(
    { command, request }: Moment,
    killed: Killed,
    its: Case,
): Promise<{ readonly run: Run; readonly orphans: readonly Process[] }> {
    let others: readonly Process[] = [];
    let found = 0;
    let kill: () => void = () => assert.fail("the engine has not started");
    its.proxy.onNext(request, () => kill());
    const run = await its.stack.observed(command, (engine) => {
        kill = () => {
            others = descendantsOf(engine);
            const pattern = processes[killed];
            const victims =
                pattern === undefined
                    ? [engine]
                    : others.filter((one) => pattern.test(one.command)).map(({ pid }) => pid);
            found = victims.length;
            for (const pid of victims) process.kill(pid, "SIGKILL");
        };
    });
    assert.ok(found > 0, `${killed} was not killed: ${run.output}`);
    const deadline = Date.now() + 5_000;
    while (others.some(isRunning) && Date.now() < deadline) await sleep(50);
    const orphans = others.filter(isRunning);
    for (const { pid } of orphans) process.kill(pid, "SIGKILL");
    return { run, orphans };
}

const roles = ["project", "robot account", "builder-stage image", "app image"];

async function inHarbor({ project }: Case): Promise<readonly string[]> {
    const { status, json } = await askApi(lab.admin, `/projects/${project}`);
    if (status !== 200) return [];
    const { project_id: id } = json as { project_id: number }; // Harbor's own answer.
    const robots = await listApi(lab.admin, `/robots?q=Level%3Dproject,ProjectID%3D${id}`);
    const contents = (await readContents(lab.admin, project)) ?? {};
    const tags = (repository: string) => Object.values(contents[repository] ?? {}).flat();
    return [
        "project",
        ...robots.map(() => "robot account"),
        ...(tags("tiny/cache").includes("dev__build") ? ["builder-stage image"] : []),
        ...(tags("tiny").length > 0 ? ["app image"] : []),
    ];
}

async function inState({ stack }: Case): Promise<readonly string[]> {
    // Shape: Pulumi's apitype.DeploymentV3.
    const { deployment } = JSON.parse(await stack.state()) as {
        deployment: { resources?: readonly { urn: string }[] };
    };
    const names = (deployment.resources ?? []).map(({ urn }) => urn.replace(/^.*::/, ""));
    return ["tiny-project", "tiny-robot", "tiny-stage-build", "tiny-app"].flatMap((name, at) =>
        names.includes(name) ? [roles[at] ?? ""] : [],
    );
}

/** What Harbor has and the state lacks, and the other way round. */
async function leftBy(its: Case): Promise<readonly string[]> {
    const [harbor, state] = [await inHarbor(its), await inState(its)];
    const lost = harbor.filter((one) => !state.includes(one));
    const gone = state.filter((one) => !harbor.includes(one));
    return [
        ...(lost.length === 0 ? [] : [`only in Harbor: ${lost.join(", ")}`]),
        ...(gone.length === 0 ? [] : [`only in the state: ${gone.join(", ")}`]),
    ];
}

/** What belongs to this machine's network and to Harbor without TLS, and not to the fault. */
const ofTheLab = /cannot check the base image|unable to verify image tags/;
const ofPulumi = /^error: (?:update|preview) failed$/;

/** The errors and warnings that a run shows to the user. */
function seenIn({ output }: Run, { project, proxy }: Case): string {
    const diagnostics = output.slice(output.lastIndexOf("\nDiagnostics:"));
    const lines = output.includes("\nDiagnostics:")
        ? (diagnostics.match(/^ {4}(?:error|warning): .*$/gm) ?? [])
        : [];
    const shown = lines
        .map((line) => line.trim())
        .filter((line) => !ofTheLab.test(line) && !ofPulumi.test(line))
        .map((line) =>
            line
                .replaceAll(project, "shop")
                .replaceAll(proxy.host, "HOST")
                .replace(/(?<=\/projects\/)\d+/g, "N")
                .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
                .replace(/(?<=Detected that )\S+\//, "…/")
                .replace(/\d{4}-\S+Z/, "TIME")
                .replace(/sha256:[0-9a-f]+/g, "DIGEST")
                .replace(/tiny-robot-\w+/g, "tiny-robot-N")
                .replace(/\/uploads\/[\w-]+/g, "/uploads/ID")
                .replace(/ in [\d.]+ s /, " in N s "),
        );
    return [...new Set(shown)].sort().join("<br>") || "none";
}

/** Runs the same command again, and checks that everything is as it should be. */
async function runAgain(command: Command, its: Case): Promise<string> {
    const { stack } = its;
    let next = await stack[command]();
    const isLocked = /the stack is currently locked by/.test(next.output);
    if (isLocked) {
        const { code, output } = await stack.pulumi(["cancel", "--yes"]);
        assert.equal(code, 0, output);
        next = await stack[command]();
    }
    const [, id] = /set `import: "(\/projects\/\d+)"` next to its name/.exec(next.output) ?? [];
    if (id !== undefined) {
        assert.equal(next.code, 1);
        const text = tinyProgram(its.project);
        const name = `name: "${its.project}"`;
        await stack.program(text.replace(name, `${name}, import: "${id}"`));
        succeeded(await stack.up());
        await stack.program(text);
        succeeded(await stack.up());
    } else {
        succeeded(next);
    }
    await stack.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]);
    const hasTwin = await assertRight(command, its);
    const outcome =
        id !== undefined
            ? "fails with `project … already exists`. Completes with `import`"
            : hasTwin
              ? "completes with another robot account. Delete the old one in Harbor"
              : command === "up" && Object.keys(changesOf(next)).length === 0
                ? "nothing to do"
                : "completes";
    return isLocked ? `${outcome}, after \`pulumi cancel\`` : outcome;
}

/** Fails unless Harbor, state and disk are as after a run without a fault. */
async function assertRight(command: Command, its: Case): Promise<boolean> {
    const [harbor, state] = [await inHarbor(its), await inState(its)];
    const expected = command === "destroy" ? [] : roles;
    assert.deepEqual([...new Set(harbor)], expected);
    assert.deepEqual(state, expected);
    if (command !== "destroy") {
        const up = succeeded(await its.stack.up());
        const isChanged = command === "preview";
        assert.equal(Object.keys(changesOf(up)).length > 0, isChanged, up.output);
    }
    // The folder of the runs of this user, which harbor-build shares between runs.
    const files = readdirSync(its.temporary).filter(
        (name) => !name.startsWith("harbor-build-runs"),
    );
    assert.deepEqual(files, []);
    const written = readdirSync(join(its.stack.folder, ".harbor-build"), { recursive: true });
    assert.deepEqual(
        written.filter((name) => /\.\d+-[0-9a-f]{8}$/.test(String(name))),
        [],
    );
    return harbor.length > expected.length;
}

const processRows: (readonly string[])[] = [];

for (const moment of moments) {
    for (const killed of moment.killed) {
        test(`${moment.command}, ${killed} killed while ${moment.text}`, async () => {
            const its = await newCase();
            await edit(its);
            if (moment.command !== "up") succeeded(await its.stack.up());
            if (moment.command === "preview") await edit(its);
            const { run, orphans } = await runKilled(moment, killed, its);
            const left = [
                ...(await leftBy(its)),
                ...orphans.map(({ command }) => {
                    assert.match(command, processes["docker-build's plugin"]);
                    return "docker-build's plugin, which ends within five minutes";
                }),
            ];
            const next = await runAgain(moment.command, its);
            processRows.push([
                `\`${moment.command}\`, while ${moment.text}`,
                killed,
                seenIn(run, its),
                left.join("; ") || "nothing",
                next,
            ]);
        });
    }
}

/** Ends a server of the sandbox at once. */
function killServer(name: string): void {
    const file = join(lab.sandboxOptions.dataDir, "run", `${name}.json`);
    // tools/sandbox/daemon.ts writes this shape.
    const { pid } = JSON.parse(readFileSync(file, "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
}

/** Which requests meet a server that is away for a moment differs from run to run. */
function warned(run: Run): string {
    succeeded(run);
    return "at most warnings: what is built again, or a cache that is not written";
}

/** The last warning of a build that was tried again in vain, without its request. */
function gaveUp(seen: string): string {
    const line = seen.split("<br>").find((one) => one.includes("; gave up after "));
    assert.ok(line, seen);
    return line.replace(/ (?:to |\()[A-Z]+ http[^\s;)]+\)?/, "");
}

const restart = () => ensureSandbox(lab.sandboxOptions);
const serverRows: (readonly string[])[] = [];

for (const [server, moment, name] of [
    ["BuildKit", step, "buildkitd"],
    ["BuildKit", pushed, "buildkitd"],
    ["the registry", pushed, "registry"],
    ["Harbor", pushed, "harbor"],
] as const) {
    for (const back of ["at once", "after the run"]) {
        test(`up, ${server} killed while ${moment.text}, and started again ${back}`, async () => {
            const its = await newCase();
            await edit(its);
            let restarted: Promise<unknown> | undefined;
            its.proxy.onNext(moment.request, () => {
                killServer(name);
                restarted = back === "at once" ? restart() : Promise.resolve();
            });
            const run = await its.stack.up();
            assert.ok(restarted, `not reached: ${run.output}`);
            await restarted;
            await restart();
            const message = back === "at once" ? warned(run) : gaveUp(seenIn(run, its));
            const left = (await leftBy(its)).join("; ") || "nothing";
            const next = await runAgain("up", its);
            serverRows.push([server, moment.text, back, message, left, next]);
        });
    }
}

after(() => {
    const common = ["what the user sees", "left", "the same command again"];
    assertSection(
        "faults.md",
        "A process of a run is killed",
        [
            "`tests/long/killed.test.ts` runs a `CachedImage` that creates its project, and ends one process of the run (SIGKILL) when a request of the run arrives. Harbor carries out the request. Two lines of Pulumi's, `update failed` and `preview failed`, are left out.",
            "",
            tableOf(["command", "process", ...common], processRows),
        ].join("\n"),
    );
    assertSection(
        "faults.md",
        "A server of a run is killed",
        [
            "The same test ends a server in the middle of `pulumi up` and starts it again: at once, or after the run.",
            "",
            tableOf(["server", "while", "started again", ...common], serverRows),
        ].join("\n"),
    );
});
