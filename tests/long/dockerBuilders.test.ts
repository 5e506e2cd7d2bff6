import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { checkBuilders } from "../../src/cli/builders";
import { describeFinding } from "../../src/cli/finding";
import { readSandbox } from "../../tools/sandbox/sandbox";
import { runCommand } from "../../tools/toolchain/command";
import { describeRegistry } from "../support/anyRegistry";
import { atEnd } from "../support/atEnd";
import { recordBuilds, steps } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { needingDocker } from "../support/needs";
import { descendantsOf } from "../support/processes";
import { changesOf, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { tinyProgram, writeFolder } from "../support/tinyProject";

const lab = openLab();
const project = uniqueName("docker");
const { host, protocol } = new URL(lab.admin.url);
/** The second step of the final stage lasts as long as its file says. */
const files = {
    "tiny/Dockerfile": [
        "FROM alpine:3.22 AS build",
        "COPY lib.txt /src/",
        "RUN cat /src/lib.txt > /out",
        "FROM alpine:3.22",
        "COPY --from=build /out /out",
        "COPY seconds /seconds",
        "RUN sleep $(cat /seconds)",
        "",
    ].join("\n"),
    "tiny/lib.txt": "read by the builder stage\n",
    "tiny/seconds": "0",
    // For a builder without the mirror of base images.
    "tiny/scratch.Dockerfile": "FROM scratch\nCOPY lib.txt /\n",
};
const waits = "RUN sleep $(cat /seconds)";
const compiles = "RUN cat /src/lib.txt > /out";
let environment: NodeJS.ProcessEnv;
let stack: TestStack;
let folder: string;

const docker = (...args: readonly string[]) =>
    runCommand("docker", args, { env: environment, timeoutMs: 120_000 });
/** Name of a builder's container, as buildx gives it. */
const container = (builder: string) => `buildx_buildkit_${builder}0`;
const addressOf = (builder: string) => `docker-container://${container(builder)}`;
const use = (builder: string, args = "") =>
    stack.program(tinyProgram(project, `builder: "${builder}", ${args}`));
/** Whether a registry speaks TLS, and the CA; BuildKit's default for loopback addresses is http. */
const registry = (name: string, lines: readonly string[]) =>
    [`[registry."${name}"]`, ...lines, ""].join("\n");

interface BuilderOptions {
    /** @default true */
    readonly ca?: boolean;
    /** @default "host" */
    readonly network?: "host" | "bridge";
    /** Image of a builder that does not start yet. @default BuildKit's, and it starts */
    readonly image?: string;
}

/** Creates a builder in a container, until the end of the test file. */
async function createBuilder(name: string, options: BuilderOptions = {}): Promise<string> {
    const builder = uniqueName(name);
    atEnd(() => docker("buildx", "rm", "--force", builder));
    await startBuilder(builder, options);
    return builder;
}

/** Creates a builder with this name. */
async function startBuilder(
    builder: string,
    { ca = true, network = "host", image }: BuilderOptions = {},
): Promise<void> {
    const mirror = readSandbox(lab.sandboxOptions.dataDir)?.mirror?.host;
    const own = [`http = ${protocol === "http:"}`];
    const trusted = lab.environment["SSL_CERT_FILE"] ?? "";
    const settings = [
        registry(host, ca ? [...own, `ca = [${JSON.stringify(trusted)}]`] : own),
        ...(mirror === undefined
            ? []
            : [
                  registry("docker.io", [`mirrors = ["${mirror}"]`]),
                  registry(mirror, ["http = true"]),
              ]),
    ].join("\n");
    const config = join(folder, `${builder}.toml`);
    writeFileSync(config, settings);
    await docker(
        ...["buildx", "create", "--name", builder, "--driver", "docker-container"],
        ...["--driver-opt", `network=${network}`, "--buildkitd-config", config],
        ...(image === undefined ? ["--bootstrap"] : ["--driver-opt", `image=${image}`]),
    );
}

/** Waits until the long step runs on a builder. */
async function isSleeping(builder: string, seconds = 60): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
        if ((await docker("top", container(builder))).includes(`sleep ${seconds}`)) return;
        await sleep(100);
    }
    throw new Error("the step that sleeps did not start");
}

const setSeconds = (seconds: number) =>
    writeFileSync(join(stack.folder, "tiny/seconds"), String(seconds));
const changeSource = () => appendFileSync(join(stack.folder, "tiny/lib.txt"), "changed\n");

before(async () => {
    atEnd(() => docker("buildx", "rm", "--force", renewed).catch(() => undefined));
    folder = writeFolder({});
    const plugins = join(process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "cli-plugins");
    symlinkSync(plugins, join(folder, "cli-plugins"));
    environment = { ...process.env, DOCKER_CONFIG: folder };
    stack = await TestStack.create(lab, tinyProgram(project), {
        files: writeFolder(files),
        environment: { DOCKER_CONFIG: folder, HARBOR_BUILD_REPORT: "report.md" },
    });
});

let main: string;

needingDocker("builds on a builder in a container, and then changes nothing", async () => {
    main = await createBuilder("main");
    await use(main);
    const { result, builds } = await recordBuilds(
        { buildctl: lab.buildctl, buildkitAddress: addressOf(main) },
        () => stack.up(),
    );
    succeeded(result);
    assert.equal(builds.length, 2, "builder stage and app");
    assert.doesNotMatch(report(), /no builder has a record/);
    assert.deepEqual(changesOf(succeeded(await stack.up("--expect-no-changes"))), {});
});

const report = () => readFileSync(join(stack.folder, "report.md"), "utf8");

needingDocker("starts a stopped builder", async () => {
    await docker("buildx", "stop", main);
    changeSource();
    const changes = changesOf(succeeded(await stack.up()));
    assert.deepEqual(changes, { "tiny-stage-build": "update", "tiny-app": "update" });
});

needingDocker("continues with Harbor's cache after the builder was pruned", async () => {
    await docker("buildx", "prune", "--all", "--force", "--builder", main);
    writeFileSync(join(stack.folder, "tiny/seconds"), "0.1");
    const { result, builds } = await recordBuilds(
        { buildctl: lab.buildctl, buildkitAddress: addressOf(main) },
        () => stack.up(),
    );
    succeeded(result);
    const [app] = builds;
    assert.equal(builds.length, 1);
    assert.equal(steps(app)[waits], "built");
    assert.equal(steps(app)[compiles], "cached");
});

/** The programs that connect the runs to a builder; waits until there are none when `none`. */
async function connections(
    builder: string,
    { none }: { none: boolean },
): Promise<readonly string[]> {
    const find = () =>
        descendantsOf(1)
            .map(({ command }) => command)
            .filter((command) => command.includes(`dial-stdio --builder ${builder}`));
    for (let round = 0; none && round < 50 && find().length > 0; round++) await sleep(100);
    return find();
}

needingDocker("leaves no connection to the builder after a failed build", async () => {
    writeFileSync(join(stack.folder, "tiny/seconds"), "no number");
    const failed = await stack.up();
    assert.notEqual(failed.code, 0);
    // The connection was there.
    assert.match(report(), /did not complete successfully/);
    assert.doesNotMatch(report(), /no builder has a record/);
    assert.deepEqual(await connections(main, { none: true }), []);
});

needingDocker("leaves no connection to the builder after SIGKILL of the program", async () => {
    // Pulumi waits for the end of the build.
    setSeconds(20);
    let engine = 0;
    const up = stack.observed("up", (pid) => {
        engine = pid;
    });
    await isSleeping(main, 20);
    assert.notDeepEqual(await connections(main, { none: false }), []);
    const program = descendantsOf(engine).find(({ command }) => /cmd\/run\b/.test(command));
    assert.ok(program !== undefined);
    process.kill(program.pid, "SIGKILL");
    assert.deepEqual(await connections(main, { none: true }), []);
    assert.notEqual((await up).code, 0);
    setSeconds(0);
    succeeded(await stack.up());
});

needingDocker("explains a builder that restarts during a build, and builds again", async () => {
    setSeconds(60);
    const up = stack.up();
    await isSleeping(main);
    await docker("restart", "--time", "0", container(main));
    const failed = await up;
    assert.notEqual(failed.code, 0);
    assert.match(
        failed.output,
        /the builder restarted, and docker-build keeps its dead connection to the builder until the end of the run; not retried\. Run `pulumi up` again\./,
    );
    assert.doesNotMatch(failed.output, /gave up after/);
    setSeconds(0);
    succeeded(await stack.up());
});

needingDocker("reports a cancelled build after Ctrl-C, and no failed hook", async () => {
    setSeconds(60);
    const run = await stack.upInterrupted(isSleeping(main));
    assert.notEqual(run.code, 0);
    assert.doesNotMatch(run.output, /hook/i);
    assert.ok(run.tookMs < 30_000, `ended after ${run.tookMs} ms`);
    setSeconds(0);
    succeeded(await stack.up());
});

needingDocker("builds on a second builder with the cache of the first", async () => {
    const second = await createBuilder("second");
    await use(second);
    writeFileSync(join(stack.folder, "tiny/seconds"), "0.2");
    const { result, builds } = await recordBuilds(
        { buildctl: lab.buildctl, buildkitAddress: addressOf(second) },
        () => stack.up(),
    );
    succeeded(result);
    assert.deepEqual(
        builds.map((record) => steps(record)[compiles]),
        ["cached", "cached"],
    );
    assert.doesNotMatch(report(), /no builder has a record/);
});

needingDocker(
    "explains a builder without Harbor's CA, in the run and in doctor",
    async (context) => {
        if (protocol === "http:") return context.skip("Harbor is served over http");
        const bare = await createBuilder("bare", { ca: false });
        await use(bare);
        changeSource();
        const failed = await stack.up();
        assert.notEqual(failed.code, 0);
        assert.match(failed.output, /the builder does not trust the registry's certificate/);
        assert.match(
            failed.output,
            /in buildkitd\.toml, \[registry\."HOST"\] with ca = \["FILE"\]/,
        );
        const found = await diagnose();
        assert.match(
            found[bare] ?? "",
            new RegExp(
                `^✖ builder ${bare}: builds, but cannot use ${host}: the builder does not trust the registry's certificate \\(.*x509: .*\\)\\.\\n {2}Fix: .*\\[registry\\."${host}"\\] with ca = `,
            ),
        );
        assert.equal(
            found[main],
            `✔ builder ${main}: driver docker-container, builds, and reaches ${host}`,
        );
    },
);

/** What `doctor --build` reports on each builder. */
async function diagnose(): Promise<Readonly<Record<string, string>>> {
    const env = { ...process.env, ...lab.environment, DOCKER_CONFIG: folder };
    const findings = await checkBuilders({ cwd: folder, env, builds: true, registry: host });
    return Object.fromEntries(
        findings.map((finding) => [
            finding.subject.replace(/^builder /, ""),
            describeFinding(finding),
        ]),
    );
}

needingDocker("pushes without docker's buildx, and reports what it lacks", async (context) => {
    const bare = writeFolder({});
    symlinkSync(join(folder, "buildx"), join(bare, "buildx"));
    const env = { ...process.env, DOCKER_CONFIG: bare };
    const hasBuildx = await runCommand("docker", ["buildx", "version"], { env }).then(
        () => true,
        () => false,
    );
    if (hasBuildx) return context.skip("docker finds buildx in a folder of the system");
    await use(main);
    const restore = stack.setEnvironment({ DOCKER_CONFIG: bare });
    changeSource();
    const run = await stack.up().finally(restore);
    assert.equal(succeeded(run).operations["tiny-app"], "update");
    assert.match(report(), /docker has no buildx; install the plugin/);
});

needingDocker("explains a Docker daemon that cannot pull BuildKit's image", async () => {
    const builder = await createBuilder("absent", { image: "registry.invalid/buildkit:1" });
    await use(builder);
    changeSource();
    const failed = await stack.up();
    assert.notEqual(failed.code, 0);
    assert.match(
        failed.output,
        /Docker cannot pull BuildKit's image, so the builder does not start; not retried\. Fix: /,
    );
    assert.doesNotMatch(failed.output, /DNS|building again/);
});

const scratch = 'dockerfile: "tiny/scratch.Dockerfile",';
const own = /docker-build starts a BuildKit container/;
/** The container is in a network of its own, where the sandbox's address leads to the container. */
const ownNetwork =
    /the builder's container looks for 127\.0\.0\.1:\d+ in its own network, where nothing listens; not retried\./;

needingDocker("warns of Docker's own builder in place of a named one", async () => {
    await use("default", scratch);
    const started = "buildx_buildkit_default";
    atEnd(async () => {
        await docker("rm", "--force", started);
        await docker("volume", "rm", "--force", `${started}_state`);
    });
    const preview = succeeded(await stack.preview());
    assert.match(preview.output, /builder: "default" is the Docker daemon's own \(driver docker\)/);
    const failed = await stack.up();
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, own);
    assert.match(failed.output, ownNetwork);
    assert.ok((await docker("ps")).includes(started));
});

needingDocker("warns when docker-build finds no builder and starts one", async () => {
    const without = writeFolder({});
    symlinkSync(join(folder, "cli-plugins"), join(without, "cli-plugins"));
    const env = { ...process.env, DOCKER_CONFIG: without };
    atEnd(async () => {
        for (const name of readdirSync(join(without, "buildx", "instances"))) {
            await runCommand("docker", ["buildx", "rm", "--force", name], { env });
        }
    });
    await stack.program(tinyProgram(project, scratch));
    const restore = stack.setEnvironment({ DOCKER_CONFIG: without });
    const failed = await stack.up().finally(restore);
    assert.notEqual(failed.code, 0);
    assert.match(
        failed.output,
        /warning: builder: none is set up on this machine\. docker-build starts/,
    );
    assert.match(failed.output, ownNetwork);
});

needingDocker("explains a loopback address in a container's own network", async () => {
    const bridged = await createBuilder("bridged", { network: "bridge" });
    await use(bridged);
    changeSource();
    const failed = await stack.up();
    assert.notEqual(failed.code, 0);
    // The first address that the build needs is that of the base image's mirror.
    assert.match(
        failed.output,
        /the builder's container looks for 127\.0\.0\.1:\d+ in its own network, where nothing listens/,
    );
    assert.match(failed.output, /docker buildx create --use --driver-opt network=host/);
    assert.doesNotMatch(failed.output, /gave up after/);
    const finding = (await diagnose())[bridged] ?? "";
    const expected = `the builder's container looks for ${host} in its own network, where nothing listens`;
    assert.ok(finding.includes(expected), finding);
    await use(main);
    succeeded(await stack.up());
});

const renewed = uniqueName("renewed");
for (const auth of ["basic", "token"] as const) {
    describeRegistry(auth, {
        declare: needingDocker,
        builder: () => ({ buildctl: lab.buildctl, buildkitAddress: addressOf(renewed) }),
        renew: async () => {
            await docker("buildx", "rm", "--force", renewed).catch(() => undefined);
            await startBuilder(renewed);
        },
        environment: () => ({ DOCKER_CONFIG: folder }),
        args: `builder: "${renewed}",`,
    });
}
