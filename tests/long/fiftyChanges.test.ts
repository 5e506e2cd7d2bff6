import assert from "node:assert/strict";
import { test } from "node:test";
import { openLab } from "../support/lab";
import { cachesApart, PolicyProject } from "../support/policyProject";
import { askApi, pull } from "../support/registry";

/** Number of changes in a row, and size of the builder stage's input at each change, in bytes. */
const changes = 50;
const sourceBytes = 400_000;
/** Growth per change of BuildKit's record in the app image, in bytes: it names each builder stage. */
const recordBytes = 1_000;

test("keeps caches at the size of one change and every image pullable over fifty changes", async () => {
    const lab = openLab();
    const project = await PolicyProject.create(lab, (name) => ({
        project: cachesApart(name),
    }));
    const caches = `${project.name}-cache`;
    let first = 0;
    for (let change = 1; change <= changes; change++) {
        project.change(sourceBytes);
        const up = await project.stack.up();
        assert.equal(up.code, 0, up.output);
        if (change % 10 === 0) {
            await project.clean();
            await project.clean(caches);
            const used = await project.used(caches);
            first ||= used;
            assert.ok(used <= first + change * recordBytes, `${used} bytes after ${first}`);
        }
    }
    const path = `/projects/${project.name}/repositories/fm/artifacts?page_size=100`;
    const { json } = await askApi(lab.admin, path);
    // Harbor's list of artifacts.
    const digests = (json as { digest: string }[]).map(({ digest }) => digest);
    assert.equal(digests.length, changes);
    for (const digest of digests) {
        const answer = await pull(lab.admin, `${project.name}/fm`, `manifests/${digest}`);
        assert.equal(answer.status, 200, digest);
    }
    const { run, costly } = await project.upOnNewRunner(sourceBytes);
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(costly, ["cached", "cached"]);
});
