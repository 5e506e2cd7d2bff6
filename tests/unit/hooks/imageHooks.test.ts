import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { imageHooks } from "../../../src/hooks/imageHooks";

test("binds no hooks under Pulumi's mocks, and still declares the resources", async () => {
    await pulumi.runtime.setMocks(
        { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) },
        "test",
        "dev",
    );
    const hooks = imageHooks("fm", { ownReferences: [] })?.hooks;
    assert.equal(hooks, undefined);
    class Thing extends pulumi.CustomResource {
        constructor(name: string, opts: pulumi.CustomResourceOptions) {
            super("test:index:Thing", name, {}, opts);
        }
    }
    const thing = new Thing("thing", { hooks });
    const urn = await new Promise((resolve) => thing.urn.apply(resolve));
    assert.equal(urn, "urn:pulumi:dev::test::test:index:Thing::thing");
});
