import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { UsedProjects } from "../../../src/access/usedProjects";

before(() =>
    pulumi.runtime.setMocks(
        { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) },
        "test",
        "dev",
        true,
    ),
);

/** The fault of a missing project in a preview. */
async function judge(dependsOn: pulumi.ComponentResourceOptions["dependsOn"]) {
    let verdict: string | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
        const component = new pulumi.ComponentResource("test:index:Component", "fm");
        const args = { project: { name: "shop", existing: true }, context: "." };
        const used = new UsedProjects(component, "fm", args, { dependsOn }, async () => false);
        verdict = await used.judge("shop");
    });
    return verdict;
}

test("accepts a missing project that a dependency may create, but not an empty dependsOn list", async () => {
    const missing = /project\.name: Harbor has no project "shop"/;
    assert.match((await judge(undefined)) ?? "", missing);
    assert.match((await judge([])) ?? "", missing);
    const other = new pulumi.ComponentResource("test:index:Component", "other");
    for (const dependsOn of [other, [other], pulumi.output([other])]) {
        assert.equal(await judge(dependsOn), undefined);
    }
});
