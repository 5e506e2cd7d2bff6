import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { builderNodes, isShared } from "../../../src/buildkit/builders";

function config(instances: Record<string, unknown>, current?: unknown): NodeJS.ProcessEnv {
    const folder = mkdtempSync(join(tmpdir(), "hb-buildx-"));
    mkdirSync(join(folder, "instances"));
    for (const [name, instance] of Object.entries(instances)) {
        writeFileSync(join(folder, "instances", name), JSON.stringify(instance));
    }
    if (current !== undefined) writeFileSync(join(folder, "current"), JSON.stringify(current));
    return { BUILDX_CONFIG: folder };
}

const remote = { Driver: "remote", Nodes: [{ Endpoint: "tcp://b:1", DriverOpts: { key: "/k" } }] };
const container = { Driver: "docker-container", Nodes: [{ Endpoint: "unix:///d" }] };

test("finds only the builder in use", () => {
    assert.deepEqual(builderNodes(config({ a: container, b: remote }, { Name: "b" })), [
        { builder: "b", driver: "remote", endpoint: "tcp://b:1", options: { key: "/k" } },
    ]);
});

test("counts all builders without one in use, except those of the driver docker", () => {
    const nodes = builderNodes(config({ b: remote, a: container, c: { Driver: "docker" } }));
    assert.deepEqual(
        nodes.map(({ builder, driver }) => [builder, driver]),
        [
            ["a", "docker-container"],
            ["b", "remote"],
        ],
    );
});

test("finds no builder without a configuration", () => {
    assert.deepEqual(builderNodes({ BUILDX_CONFIG: "/no/such/folder" }), []);
});

test("finds the builder of an image instead of the one in use", () => {
    const env = config({ a: container, b: remote }, { Name: "b" });
    assert.deepEqual(
        builderNodes(env, "A").map(({ builder }) => builder),
        ["a"],
    );
    assert.deepEqual(builderNodes(env, "gone"), []);
});

test("counts builders outside this machine's Docker as shared", () => {
    const drivers = ["docker", "docker-container", "kubernetes", "remote", "cloud"];
    assert.deepEqual(
        drivers.filter((driver) => isShared({ driver })),
        ["kubernetes", "remote", "cloud"],
    );
});
