import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { getLabel } from "../../../src/provider/harbor/label";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/label:Label";

describe("Label", () => {
    let bench: ProviderBench;
    let projectId: string;
    before(async () => {
        bench = await startProviderBench();
        const { value } = await createProject(bench.harbor.client(), { name: "tags" });
        projectId = `/projects/${value}`;
    });
    after(() => bench.close());

    test("creates, changes and refreshes a label of all of Harbor without a difference", async () => {
        const made = await make(bench, type, { name: "prod", color: "#FF0000" });
        assert.equal(made.outputs["scope"], "g");
        assert.deepEqual(await driftOf(bench, type, made), {});
        const changed = await change(bench, type, made, { name: "live", description: "d" });
        const label = await getLabel(
            bench.harbor.client(),
            Number(made.id.replace("/labels/", "")),
        );
        assert.deepEqual([label?.name, label?.description], ["live", "d"]);
        assert.deepEqual(await driftOf(bench, type, changed), {});
        await removeTwice(bench, type, changed);
    });

    test("treats no color as none, not as the word false (fault 14)", async () => {
        const made = await make(bench, type, { name: "plain" });
        const label = await getLabel(
            bench.harbor.client(),
            Number(made.id.replace("/labels/", "")),
        );
        assert.notEqual(label?.color, "false");
        const bridged = { name: "plain", color: "false", scope: "g" };
        assert.deepEqual((await bench.plugin.diff(type, bridged, { name: "plain" })).detailed, {});
    });

    test("keeps projectId in an import (fault 12)", async () => {
        const inputs = { name: "mine", projectId };
        const { id, outputs } = await make(bench, type, inputs);
        assert.equal(outputs["scope"], "p");
        assert.deepEqual(await importDiff(bench, type, id, inputs), { id, detailed: {} });
    });

    test("replaces a label for another project, or for none (fault 14: an update that Harbor ignores)", async () => {
        const olds = { name: "mine", projectId, scope: "p" };
        const moved = await bench.plugin.diff(type, olds, {
            name: "mine",
            projectId: "/projects/99",
        });
        assert.deepEqual(moved.detailed, { projectId: "UPDATE_REPLACE" });
        const freed = await bench.plugin.diff(type, olds, { name: "mine" });
        assert.deepEqual(freed.detailed, { projectId: "DELETE_REPLACE" });
    });

    test("rejects values that are too long for Harbor's database (a 500)", async () => {
        const { failures } = await bench.plugin.check(type, {
            name: "n".repeat(129),
            color: "reddish-long-name",
        });
        assert.deepEqual(failures, {
            name: "has 129 characters; expected 1 to 128",
            color: '"reddish-long-name" has 17 characters; expected a color such as "#FF0000"',
        });
    });
});
