import assert from "node:assert/strict";
import { test } from "node:test";
import { observing } from "../../../src/engine/hook";
import { mountsHooks } from "../../../src/hooks/mountsHook";
import { construct } from "./constructs";

test("a hook that only observes never fails the run", async () => {
    const seen: string[] = [];
    const observe = observing(async (name: string) => {
        seen.push(name);
        throw new TypeError("unforeseen");
    });
    await observe("fm-app");
    assert.deepEqual(seen, ["fm-app"]);
});

test("hooks after a build do not fail when reading the build's inputs does", async () => {
    const saving = {
        references: {
            candidate: "h/p/i/cache:c",
            kept: "h/p/i/cache:k",
            fallbacks: [],
            cache: "h/p/i/cache:s",
        },
        ids: ["/go"],
        bytesMax: 1,
    };
    const bound = construct("127.0.0.1:1", () => mountsHooks("fm", saving));
    const [hook] = bound?.afterCreate ?? [];
    assert.ok(typeof hook === "object");
    // There is no engine to register the hooks.
    await Promise.all(
        [hook, ...(bound?.beforeCreate ?? [])].map((one) =>
            assert.rejects(Reflect.get(one, "__registered")),
        ),
    );
    const newInputs = {
        get tags(): never {
            throw new TypeError("unforeseen");
        },
    };
    await hook.callback({ urn: "u", id: "i", name: "fm-mounts", type: "t", newInputs });
});
