import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { startEmptyBuildkit } from "../../tools/sandbox/sandbox";
import { atEnd } from "../support/atEnd";
import { type BuildRecord, recordBuilds, steps } from "../support/buildRecord";
import { type EitherSchemeRegistry, startEitherScheme } from "../support/eitherScheme";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingHttps } from "../support/needs";
import { changesOf, succeeded } from "../support/run";
import { type Run, TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("builders");
const report = "report.md";
const meetingMaxMs = 30_000;
// No RUN for the platform that is built: no emulator is needed.
const files = (meetingPoint: string) => ({
    "app/Dockerfile": "FROM scratch\nCOPY source.txt /source.txt\n",
    "app/source.txt": "source\n",
    "pair/Dockerfile": [
        "FROM --platform=$BUILDPLATFORM alpine:3.22 AS build",
        "ARG TARGETARCH",
        `ADD ${meetingPoint}/$TARGETARCH /met`,
        "RUN { cat /met; echo $TARGETARCH; } > /out",
        "FROM scratch",
        "COPY --from=build /out /out",
        "",
    ].join("\n"),
});
const program = (args: string, context = "app") => `
import { CachedImage } from "harbor-build";
import { Provider } from "harbor-build/harbor";

const app = new CachedImage("app", {
    project: { name: ${JSON.stringify(project)} },
    context: ${JSON.stringify(context)},
    retainImages: false,
    registry: ${JSON.stringify(registry.host)},
    ${args}
}, { providers: { harbor: new Provider("harbor") } });
export const digest = app.digest;
`;
const overHttps = needingHttps("Index");
let lab: Lab;
let stack: TestStack;
let secondAddress: string;
let registry: EitherSchemeRegistry;

/**
 * A buildx instance over a running BuildKit, as `docker buildx create --driver remote` writes it.
 */
const instance = (name: string, address: string) => ({
    [`buildx/instances/${name}`]: JSON.stringify({
        Name: name,
        Driver: "remote",
        Nodes: [{ Name: `${name}0`, Endpoint: address }],
        Dynamic: false,
    }),
});

/**
 * A server that answers when builds of all platforms wait for it at the same time, and otherwise after
 * a while.
 */
async function openMeetingPoint(platforms: readonly string[]): Promise<string> {
    const waiting = new Map<string, () => void>();
    let met = false;
    const server = createServer(({ url = "" }, response) => {
        const answer = () => {
            waiting.delete(url);
            if (!response.writableEnded) response.end("met\n");
        };
        waiting.set(url, answer);
        met ||= platforms.every((platform) => waiting.has(`/${platform}`));
        if (met) {
            for (const one of waiting.values()) one();
        } else {
            setTimeout(answer, meetingMaxMs).unref();
        }
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    atEnd(() => server.close());
    // An IPv4 server has an address with a port.
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

before(async () => {
    lab = openLab();
    // docker-build's Index speaks http to loopback addresses.
    registry = await startEitherScheme(lab.admin.url);
    const second = await startEmptyBuildkit(lab.sandboxOptions, "second");
    atEnd(() => second.stop());
    secondAddress = second.address;
    const dockerConfig = writeFolder({
        ...instance("first", lab.buildkitAddress),
        ...instance("second", secondAddress),
        "buildx/current": JSON.stringify({ Key: "", Name: "first", Global: false }),
    });
    stack = await TestStack.create(lab, program('builder: "first"'), {
        files: writeFolder(files(await openMeetingPoint(["amd64", "arm64"]))),
        environment: { DOCKER_CONFIG: dockerConfig, HARBOR_BUILD_REPORT: report },
    });
});

/** Runs `up`, and gives the builds of each builder. */
async function up(
    args: string,
    context?: string,
): Promise<{
    run: Run;
    first: readonly BuildRecord[];
    second: readonly BuildRecord[];
}> {
    await stack.program(program(args, context));
    const { result, builds: first } = await recordBuilds(lab, () =>
        recordBuilds({ ...lab, buildkitAddress: secondAddress }, () => stack.up()),
    );
    return { run: succeeded(result.result), first, second: result.builds };
}

test("builds every image with the named builder, and again with another one", async () => {
    const one = await up('builder: "first"');
    assert.deepEqual([one.first.length, one.second.length], [1, 0]);
    const { digest } = await stack.outputs();

    const quiet = await up('builder: "first"');
    assert.deepEqual(changesOf(quiet.run), {});

    const other = await up('builder: "second"');
    assert.deepEqual(changesOf(other.run), { app: "update", "app-app": "update" });
    assert.deepEqual(other.run.diffs["app-app"], ["builder"]);
    assert.deepEqual([other.first.length, other.second.length], [0, 1]);
    assert.match(
        readFileSync(join(stack.folder, report), "utf8"),
        /<code>COPY source\.txt \/source\.txt<\/code> \| cached \|/,
    );
    // The other builder is empty: its hit comes from the stack's cache in Harbor.
    assert.deepEqual(steps(other.second[0]), { "COPY source.txt /source.txt": "cached" });
    assert.equal((await stack.outputs())["digest"], digest);
});

overHttps("builds each platform with its own builder, and the others with `builder`", async () => {
    const { first, second } = await up(`
        platforms: ["linux/amd64", "linux/arm64/v8"],
        builder: "first",
        platformBuilders: { "linux/arm64": "second" },
    `);
    assert.deepEqual([first.length, second.length], [1, 1]);
    // Each image's record is that of its own builder.
    const text = readFileSync(join(stack.folder, report), "utf8");
    assert.doesNotMatch(text, /no builder has a record|is set up on this machine/);
    assert.match(text, /app-app-linux-arm64/);
});

const onBuilders = (amd64: string, arm64: string) => `
    platforms: ["linux/amd64", "linux/arm64"],
    builder: "${amd64}",
    platformBuilders: { "linux/arm64": "${arm64}" },
`;

overHttps("builds platforms with builders of their own at the same time", async () => {
    const { first, second } = await up(onBuilders("first", "second"), "pair");
    assert.deepEqual(
        [first, second].map((builds) => builds.map(({ target }) => target)),
        [
            ["build", ""],
            ["build", ""],
        ],
    );
    const [one, other] = [first[0], second[0]];
    assert.ok(one !== undefined && other !== undefined);
    assert.ok(one.startedMs < other.endedMs && other.startedMs < one.endedMs);
});

overHttps("gives each of these platforms a cache that other builders read", async () => {
    const { first, second } = await up(onBuilders("second", "first"), "pair");
    for (const [architecture, builds] of Object.entries({ arm64: first, amd64: second })) {
        // BuildKit asks for the file again, as for every URL.
        const ran = Object.entries(steps(builds[1])).filter(([step]) => !step.startsWith("ADD "));
        assert.deepEqual(ran, [
            [`RUN { cat /met; echo ${architecture}; } > /out`, "cached"],
            ["COPY --from=build /out /out", "cached"],
        ]);
    }
});

test("reports a missing builder, and what to do", async () => {
    await stack.program(program('builder: "thrid"'));
    const run = await stack.up();
    assert.notEqual(run.code, 0);
    assert.match(run.output, /no builder "thrid" found/);
    assert.match(
        run.output,
        /buildx has no builder with the given name; not retried\. Fix: name a builder that `docker buildx ls` lists/,
    );
});
