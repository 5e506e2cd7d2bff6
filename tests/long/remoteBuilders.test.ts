import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { ensureCertificates } from "../../tools/sandbox/certificates";
import { freePort } from "../../tools/sandbox/ports";
import { startEmptyBuildkit } from "../../tools/sandbox/sandbox";
import { atEnd } from "../support/atEnd";
import { writeBuilders } from "../support/builders";
import { recordBuilds } from "../support/buildRecord";
import { type Example, openExample } from "../support/example";
import { openLab } from "../support/lab";

const lab = openLab();
let example: Example;
let startWest: () => ReturnType<typeof startEmptyBuildkit>;
let west: Awaited<ReturnType<typeof startEmptyBuildkit>>;

before(async () => {
    const folder = await mkdtemp(join(tmpdir(), "hb-west-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const certificates = await ensureCertificates(folder);
    const port = await freePort();
    startWest = () => startEmptyBuildkit(lab.sandboxOptions, "west", { port, certificates });
    west = await startWest();
    atEnd(() => west.stop());
    const environment = await writeBuilders({
        east: [{ endpoint: lab.buildkitAddress }],
        west: [{ endpoint: `tcp://127.0.0.1:${port}`, certificates }],
    });
    example = await openExample("remote-builders", environment);
});

/** Numbers of builds on each BuildKit while `action` runs. */
async function countBuilds<T>(action: () => Promise<T>) {
    const { buildctl } = lab;
    const onWest = await recordBuilds({ buildctl, buildkitAddress: west.address }, () =>
        recordBuilds(lab, action),
    );
    const onEast = onWest.result;
    return { result: onEast.result, east: onEast.builds.length, west: onWest.builds.length };
}

test("builds each image on its builder, one of them over mutual TLS", async () => {
    const { east, west } = await countBuilds(() => example.runReadme());
    assert.deepEqual({ east, west }, { east: 2, west: 2 }, "builder stage and app of each image");
});

test("names a builder that is down, builds the other image, and goes on afterwards", async () => {
    await west.stop();
    const file = (name: string) => join(example.project.folder, name);
    await appendFile(file("api/main.go"), "\n// changed\n");
    await appendFile(file("docs/pages/index.txt"), "Changed.\n");
    const up = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"];
    const failed = await example.project.run(up);
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /building with "west" instance/);
    assert.match(failed.output, /the builder is not reachable; gave up after 2 attempts/);
    assert.match(failed.output, /docs-stage-build \*\*updating failed\*\*/);
    assert.match(failed.output, /api-app updated/);
    west = await startWest();
    const { east, west: onWest } = await countBuilds(() => example.project.succeed(...up));
    assert.deepEqual({ east, onWest }, { east: 0, onWest: 2 });
});
