import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { checkBuilders } from "../../../src/cli/builders";
import { describeFinding } from "../../../src/cli/finding";
import { writeFolder } from "../../support/tinyProject";

const fix =
    "  Fix: `docker buildx create --use` creates a builder with the driver docker-container.";
const instance = (name: string, driver: string, ...endpoints: string[]) => ({
    [`instances/${name}`]: JSON.stringify({
        Name: name,
        Driver: driver,
        Nodes: endpoints.map((Endpoint) => ({ Endpoint })),
    }),
});

async function reports(files: Record<string, string>): Promise<string[]> {
    const env = { BUILDX_CONFIG: writeFolder(files), PATH: "/nowhere" };
    return (await checkBuilders("/", env)).map(describeFinding);
}

test("reports that there is neither a builder nor Docker", async () => {
    const env = { DOCKER_CONFIG: "/nowhere", PATH: "/nowhere" };
    assert.deepEqual((await checkBuilders("/", env)).map(describeFinding), [
        `✖ builder: no buildx builder, and no Docker that answers.\n${fix}`,
    ]);
});

test("accepts the drivers that export a cache, and no other", async () => {
    assert.deepEqual(await reports(instance("own", "docker-container", "default")), [
        "✔ builder own: driver docker-container",
    ]);
    assert.deepEqual(await reports(instance("default", "docker", "default")), [
        `✖ builder default: the driver docker cannot export a cache. Expected docker-container, kubernetes, remote.\n${fix}`,
    ]);
});

test("tries the address of a remote builder", async () => {
    const socket = join(writeFolder({}), "buildkit.sock");
    const server = createServer((client) => client.destroy()).listen(socket);
    try {
        const both = {
            ...instance("down", "remote", "tcp://127.0.0.1:1"),
            ...instance("up", "remote", `unix://${socket}`),
        };
        assert.deepEqual(await reports(both), [
            "✖ builder down: no BuildKit answers at tcp://127.0.0.1:1 (ECONNREFUSED).\n  Fix: start it, or remove the builder: `docker buildx rm down`.",
            "✔ builder up: driver remote; whoever builds on it can change what all others build on it",
        ]);
    } finally {
        server.close();
    }
});
