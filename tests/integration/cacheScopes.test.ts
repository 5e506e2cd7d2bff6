import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readManifest } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { askApi } from "../support/registry";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("scopes");
const cacheRepository = `${project}/tiny/cache`;
const outcomes = (record: Parameters<typeof steps>[0]) => [
    ...new Set(Object.values(steps(record))),
];
let lab: Lab;
let main: TestStack;
let branch: TestStack;

/** A stack of its own that shares the project and reads main's cache. */
function guest(args: string): string {
    return tinyProgram(project, args)
        .replace(`{ name: "${project}" }`, `{ name: "${project}", existing: true }`)
        .replace("retainImages: false,", "");
}

/** Digest of each tag in the cache repository. */
async function cacheTags(): Promise<Record<string, string>> {
    const repository = encodeURIComponent(encodeURIComponent("tiny/cache"));
    const path = `/projects/${project}/repositories/${repository}/artifacts?with_tag=true`;
    const { status, json } = await askApi(lab.admin, path);
    assert.equal(status, 200);
    // Shape of Harbor's own answer.
    const artifacts = json as { digest: string; tags: { name: string }[] | null }[];
    return Object.fromEntries(
        artifacts.flatMap(({ digest, tags }) => (tags ?? []).map(({ name }) => [name, digest])),
    );
}

before(async () => {
    lab = openLab();
    const files = writeFolder(tinyFiles);
    main = await TestStack.create(lab, tinyProgram(project), { files, stack: "main" });
    const up = await main.up();
    assert.equal(up.code, 0, up.output);
    branch = await TestStack.create(lab, guest('cache: { fallbackScopes: ["main"] },'), {
        files,
        stack: "branch",
    });
});

after(async () => {
    await branch.destroy();
    await main.destroy();
    await Promise.all([branch.remove(), main.remove()]);
});

test("a new scope's first build on a new runner starts from main's cache and leaves it alone", async () => {
    const before = await cacheTags();
    assert.deepEqual(Object.keys(before).sort(), ["main", "main__build"]);
    await newRunner(lab);
    const { result: up, builds } = await recordBuilds(lab, () => branch.up());
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(builds.map(outcomes), [["cached"], ["cached"]]);
    const written = await cacheTags();
    assert.deepEqual(Object.keys(written).sort(), [
        "branch",
        "branch__build",
        "main",
        "main__build",
    ]);
    assert.equal(written["main"], before["main"]);
    assert.equal(written["main__build"], before["main__build"]);
});

test("a run that only reads says what it read, builds from it and writes no cache", async () => {
    await branch.program(
        guest('tags: ["pr-7"], cache: { scope: "pr-7", fallbackScopes: ["main"], write: false },'),
    );
    appendFileSync(join(branch.folder, "tiny/conf.txt"), "changed in a pull request\n");
    const before = await cacheTags();
    await newRunner(lab);
    const { result: up, builds } = await recordBuilds(lab, () => branch.up());
    assert.equal(up.code, 0, up.output);
    assert.equal(up.operations["tiny-stage-build"], "delete");
    assert.equal(builds.length, 1);
    assert.deepEqual(steps(builds[0]), {
        "COPY shared.txt lib.txt /src/": "cached",
        'RUN cat /src/lib.txt > /out && echo "1" >> /out': "cached",
        "COPY shared.txt conf.txt /etc/tiny/": "built",
        "COPY --from=build /out /out": "built",
        'RUN echo "hello" > /greeting': "built",
    });
    assert.match(up.output, /main__build.* is there/s);
    assert.deepEqual(await cacheTags(), before);
    assert.equal((await readManifest(lab.admin, `${project}/tiny`, "pr-7")).layers.length, 4);
});

test("the registry backend carries every stage in one manifest that Harbor takes", async () => {
    await branch.program(guest('cache: { scope: "max", backend: "registry" },'));
    const up = await branch.up();
    assert.equal(up.code, 0, up.output);
    const manifest = await readManifest(lab.admin, cacheRepository, "max");
    assert.equal(manifest.config.mediaType, "application/vnd.buildkit.cacheconfig.v0");
    appendFileSync(join(branch.folder, "tiny/conf.txt"), "changed again\n");
    await newRunner(lab);
    const { result: next, builds } = await recordBuilds(lab, () => branch.up());
    assert.equal(next.code, 0, next.output);
    assert.equal(builds.length, 1);
    assert.equal(steps(builds[0])['RUN cat /src/lib.txt > /out && echo "1" >> /out'], "cached");
});
