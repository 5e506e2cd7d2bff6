import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
// No RUN for the platform that is built: no emulator is needed.
const files = {
    "app/Dockerfile": "FROM scratch\nCOPY source.txt /source.txt\n",
    "app/source.txt": "source\n",
};
const program = (args: string) => `
import { CachedImage } from "harbor-build";
import { Provider } from "harbor-build/harbor";

const app = new CachedImage("app", {
    project: { name: ${JSON.stringify(project)} },
    context: "app",
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
        files: writeFolder(files),
        environment: { DOCKER_CONFIG: dockerConfig, HARBOR_BUILD_REPORT: report },
    });
});

/** Runs `up`, and gives the builds of each builder. */
async function up(args: string): Promise<{
    run: Run;
    first: readonly BuildRecord[];
    second: readonly BuildRecord[];
}> {
    await stack.program(program(args));
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
