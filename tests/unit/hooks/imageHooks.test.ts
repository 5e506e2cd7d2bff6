import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { imageHooks } from "../../../src/hooks/imageHooks";
import { mockHooks, mockRun } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

test("binds no hooks under Pulumi's mocks, and still declares the resources", async () => {
    await mockRun();
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

test("binds its hooks to the events of the images, with names that the state keeps", async () => {
    await pulumi.runtime.setMocks({ newResource: () => assert.fail(), call: () => ({}) });
    mockHooks();
    const described = (binding: pulumi.ResourceHookBinding | undefined) =>
        Object.fromEntries(
            Object.entries(binding ?? {}).map(([event, hooks]) => [
                event,
                hooks.map(
                    ({ name, opts = {} }: pulumi.ResourceHook) =>
                        `${name}${opts.onDryRun ? ", in previews too" : ""}`,
                ),
            ]),
        );
    const cache = ["harbor-build:fm:cache, in previews too"];
    const retry = ["harbor-build:fm:retry"];
    const written = ["harbor-build:fm:written"];
    const plain = imageHooks("fm", { ownReferences: [] });
    assert.deepEqual(described(plain?.hooks), {
        beforeCreate: cache,
        beforeUpdate: cache,
        onError: retry,
        afterCreate: written,
        afterUpdate: written,
    });
    const cacheOnly = { onError: retry, afterCreate: written, afterUpdate: written };
    assert.deepEqual(described(plain?.cacheOnly), cacheOnly);
    assert.deepEqual(described(plain?.sources), { beforeCreate: [], beforeUpdate: [] });
    assert.equal(plain?.recorder, undefined);
    const signed = imageHooks("api", {
        ownReferences: [],
        env: { HARBOR_BUILD_REPORT: join(writeFolder({}), "report.md") },
        trustOf: () => assert.fail("no hook was called"),
    });
    const after = ["harbor-build:api:report, in previews too", "harbor-build:api:written"];
    const { afterCreate, afterUpdate } = described(signed?.hooks);
    assert.deepEqual([afterCreate, afterUpdate], [after, after]);
    const sources = ["harbor-build:api:sources, in previews too"];
    assert.deepEqual(described(signed?.sources), { beforeCreate: sources, beforeUpdate: sources });
    assert.notEqual(signed?.recorder, undefined);
});
