import assert from "node:assert/strict";
import { test } from "node:test";
import { useIdleScanner } from "../support/idleScanner";
import { openLab } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { cachesApart, PolicyProject, policyProgram } from "../support/policyProject";

const lab = openLab();
useIdleScanner(lab);

test("reports a moving tag under an immutable rule, with what to do, and does not push an unchanged image", async () => {
    const said = () => ({ project: 'immutableTags: ["**"],', image: 'tags: ["latest"],' });
    const project = await PolicyProject.create(lab, said);
    const first = await project.stack.up();
    assert.equal(first.code, 0, first.output);
    const unchanged = await project.stack.up("--expect-no-changes");
    assert.equal(unchanged.code, 0, unchanged.output);
    const { run, costly } = await project.upOnNewRunner();
    assert.notEqual(run.code, 0);
    // The cache's tags move, since the rule excludes them.
    assert.deepEqual(costly, ["cached", "cached"]);
    assert.match(
        run.output,
        /the tag fm:latest exists and is immutable; not retried\. Push under a tag for each content \(tagByContent: true\) or for each version \(tags\), or exclude the tag from the rule\./,
    );
    await project.stack.program(policyProgram(project.name, { project: 'immutableTags: ["**"],' }));
    const next = await project.stack.up();
    assert.equal(next.code, 0, next.output);
});

const asAdministrator = needingSystemRights("scanners and robot accounts at system level");

asAdministrator(
    "reports the same under vulnerability prevention and content trust, which block its current image",
    async () => {
        const cases: readonly (readonly [project: string, image: string])[] = [
            ['deploymentSecurity: "low",', ""],
            ["enableContentTrustCosign: true,", "cache"],
        ];
        for (const [policy, place] of cases) {
            const project = await PolicyProject.create(lab, (name) => ({
                project: `${policy} ${place && cachesApart(name)}`,
                image: 'tags: ["latest"],',
            }));
            const first = await project.stack.up();
            assert.equal(first.code, 0, first.output);
            const { run } = await project.upOnNewRunner();
            assert.notEqual(run.code, 0);
            assert.match(
                run.output,
                /The registry reports for \S+\/fm:latest: .*\. A push first reads the tag's current manifest, and the policy blocks that request: push under a tag for each content \(tagByContent: true\)/,
            );
            assert.doesNotMatch(run.output, /building again/);
        }
    },
);
