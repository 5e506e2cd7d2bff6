import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { type BuildRecord, recordBuilds, steps } from "../support/buildRecord";
import { readManifest } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { askApi } from "../support/registry";
import { renderedText } from "../support/renderedMarkdown";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";
import { printedIn } from "../support/toolApp";

const mount = "/root/.cache/tool";
/** A mount of another user, of which one build at a time has the use. */
const second = "type=cache,id=packages,target=/packages,sharing=locked,uid=1000,gid=1000,mode=0750";
/** A stand-in for a compiler: fast when its cache has the output of an earlier run. */
const compile =
    `if [ -f ${mount}/objects ]; then echo "compiles fast"; ` +
    `else echo "compiles all"; head -c 200000 /dev/urandom | tee ${mount}/objects > /packages/one; ` +
    `chown 1000 /packages/one; fi; stat -c "%n %u %a" /packages /packages/one; cp /src/main.txt /out`;
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY main.txt /src/",
    `RUN --mount=type=cache,target=${mount} --mount=${second} ${compile}`,
    "FROM alpine:3.22",
    "COPY conf.txt /etc/",
    "COPY --from=build /out /out",
    "",
].join("\n");

const project = uniqueName("mounts");
let lab: Lab;
let stack: TestStack;
const files = writeFolder({
    "app/Dockerfile": dockerfile,
    "app/main.txt": "main\n",
    "app/conf.txt": "conf\n",
});

const program = (cache: string, more = "") => `
import { CachedImage } from "harbor-build";

const app = new CachedImage("app", {
    project: { name: "${project}" ${more} }, context: "app", cache: ${cache},
});
export const digest = app.digest;
`;

before(async () => {
    lab = openLab();
    stack = await TestStack.create(lab, program("{ carryMounts: true }"), {
        files,
        environment: { HARBOR_BUILD_REPORT: "report.md" },
    });
});

/** The line about cache mounts in the report of each image, without sizes and times. */
function reportedMounts(): Readonly<Record<string, string>> {
    const text = renderedText(readFileSync(join(stack.folder, "report.md"), "utf8"));
    assert.doesNotMatch(text, /harbor-build-/, "no stage of ours");
    assert.match(text, /\| build \| RUN --mount=type=cache,target=\/root\/.cache\/tool --mount/);
    const parts = text.split("\n#### ").slice(1);
    return Object.fromEntries(
        parts.map((part) => [
            part.split("\n", 1)[0],
            (/- \*\*Cache mounts\*\*: (.*)/.exec(part)?.[1] ?? "").replace(
                /\d+\.\d (kB|s)/g,
                "N $1",
            ),
        ]),
    );
}

const change = (name: string, text: string) => writeFile(join(stack.folder, "app", name), text);

async function up() {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(result.code, 0, result.output);
    return { ...result, builds };
}

/** What became of the steps that restore and compile. */
function outcome(record: BuildRecord | undefined) {
    const found = Object.entries(steps(record)).filter(([name]) => name.startsWith("RUN "));
    const of = (word: string) => found.find(([name]) => name.includes(word))?.[1];
    return { restore: of(` restore ${mount}`), compile: of("compiles") };
}

async function projectId(): Promise<number> {
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    return (json as { project_id: number }).project_id;
}

/** The steps that ran in any build. */
const notCached = (builds: readonly BuildRecord[]) => [
    ...new Set(
        builds.flatMap((build) =>
            Object.entries(steps(build)).flatMap(([step, how]) =>
                // The build that saves makes this directory again.
                how === "cached" || step.startsWith("WORKDIR /harbor-build-") ? [] : [step],
            ),
        ),
    ),
];

test("finds nothing to restore in the first deployment, and saves the mount", async () => {
    await newRunner(lab);
    const { builds, operations } = await up();
    assert.equal(operations["app-mounts"], "create");
    assert.deepEqual(printedIn(builds), ["compiles all"]);
    assert.deepEqual(reportedMounts(), {
        "app-stage-build": "",
        "app-app": `${mount} saved (N kB, N s), packages saved (N kB, N s)`,
    });
});

/** A manifest of saves. */
const saves = (tag: string) => readManifest(lab.admin, `${project}/app/cache`, tag);

/** Digest of the kept saves. */
const kept = async () => (await saves("dev__0-mounts")).digest;

test("restores the mount on a new builder before it compiles a changed source, and saves no small change", async () => {
    const before = await kept();
    await change("main.txt", "main, changed\n");
    await newRunner(lab);
    const { builds } = await up();
    assert.deepEqual(outcome(builds[0]), { restore: "built", compile: "built" });
    assert.deepEqual(printedIn(builds), ["compiles fast"]);
    assert.deepEqual(builds[0]?.output.match(/^\/packages.*$/gm), [
        "/packages 1000 750",
        "/packages/one 1000 644",
    ]);
    assert.equal(await kept(), before);
    assert.deepEqual(reportedMounts(), {
        "app-stage-build": `${mount} restored (N kB, N s), packages restored (N kB, N s)`,
        "app-app": `${mount} has its last save, packages has its last save`,
    });
});

test("restores nothing on a builder with the mount", async () => {
    await change("main.txt", "main, changed again\n");
    const { builds } = await up();
    assert.deepEqual(outcome(builds[0]), { restore: "cached", compile: "built" });
    assert.deepEqual(printedIn(builds), ["compiles fast"]);
    assert.deepEqual(
        builds.flatMap(({ unpacked }) => unpacked),
        [],
    );
});

test("shows no diff for an unchanged program", async () => {
    const { operations } = await stack.preview();
    assert.deepEqual([...new Set(Object.values(operations))], ["same"]);
});

test("restores nothing on a new builder when only the final stage changed, and restores at the next change of the source", async () => {
    await change("conf.txt", "conf, changed\n");
    await newRunner(lab);
    const final = await up();
    assert.deepEqual(printedIn(final.builds), []);
    assert.equal(final.operations["app-mounts"], "update");
    assert.deepEqual(notCached(final.builds), [
        "COPY conf.txt /etc/",
        "COPY --from=build /out /out",
    ]);
    await change("main.txt", "main, changed once more\n");
    await newRunner(lab);
    assert.deepEqual(printedIn((await up()).builds), ["compiles fast"]);
});

test("unpacks, restores and saves nothing on a new builder after only the state is lost", async () => {
    await stack.program(
        program("{ carryMounts: true }", `, import: "/projects/${await projectId()}"`),
    );
    await stack.forget();
    await newRunner(lab);
    const { builds, operations } = await up();
    assert.equal(operations["app-mounts"], "create");
    assert.deepEqual(notCached(builds), []);
    assert.deepEqual(
        builds.flatMap(({ unpacked }) => unpacked),
        [],
    );
});

test("restores the mounts of another scope and saves none in a stack that does not write its cache", async () => {
    const cache = '{ carryMounts: true, write: false, fallbackScopes: ["dev"] }';
    const other = await TestStack.create(lab, program(cache, ", existing: true"), {
        files,
        stack: "pull-request",
    });
    await writeFile(join(other.folder, "app", "main.txt"), "main, of the pull request\n");
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => other.up());
    assert.equal(result.code, 0, result.output);
    assert.equal(result.operations["app-mounts"], undefined);
    assert.deepEqual(printedIn(builds), ["compiles fast"]);
});

test("starts from the saves of its fallback scope in a new stack that writes its cache", async () => {
    const cache = '{ carryMounts: true, fallbackScopes: ["dev"] }';
    const branch = await TestStack.create(lab, program(cache, ", existing: true"), {
        files,
        stack: "branch",
    });
    await writeFile(join(branch.folder, "app", "main.txt"), "main, of the branch\n");
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => branch.up());
    assert.equal(result.code, 0, result.output);
    assert.equal(result.operations["app-mounts"], "create");
    assert.deepEqual(printedIn(builds), ["compiles fast"]);
    const [pushed, own, main] = await Promise.all([
        saves("branch__0-save"),
        saves("branch__0-mounts"),
        saves("dev__0-mounts"),
    ]);
    assert.deepEqual(own.layers, main.layers);
    assert.equal(main.layers.length, 2);
    const bytes = pushed.layers.reduce((sum, { size }) => sum + size, 0);
    assert.ok(bytes < 10_000, `${bytes} bytes are pushed`);
});

test("applies the plan of a preview, in which the save waits for the new app image", async () => {
    await change("main.txt", "main, planned\n");
    const plan = join(stack.folder, "plan.json");
    succeeded(await stack.preview("--save-plan", plan));
    const { operations } = succeeded(await stack.up("--plan", plan));
    assert.equal(operations["app-mounts"], "update");
});

test("builds the same image without carried mounts", async () => {
    const { digest } = await stack.outputs();
    await stack.program(program("{}", `, import: "/projects/${await projectId()}"`));
    const { operations } = await up();
    assert.equal(operations["app-mounts"], "delete");
    assert.equal((await stack.outputs())["digest"], digest);
});
