import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { isDeclaredBeside, projectBeside } from "../../../src/engine/declaredProjects";
import { mockRun } from "../../support/mocks";

before(() => mockRun());

test("finds a name that the program declares after the component, and the project of an earlier one", async () => {
    await pulumi.runtime.runInPulumiStack(async () => {
        const first = new harbor.Project("first", { name: "base" });
        const component = new pulumi.ComponentResource("test:index:Component", "fm");
        const names = ["base", "shop", "other"];
        const declared = Promise.all(names.map((name) => isDeclaredBeside(component, name)));
        const found = Promise.all(names.map((name) => projectBeside(component, name)));
        new harbor.Project("last", { name: "shop" });
        assert.deepEqual(await declared, [true, true, false]);
        assert.deepEqual(await found, [first, undefined, undefined]);
    });
});
