import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mock, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { builderHook } from "../../../../src/hooks/checks/builderHook";
import { mockRun } from "../../../support/mocks";
import { writeFolder } from "../../../support/tinyProject";

const without = "without your settings, such as certificate authorities and mirrors";
const none = `builder: none is set up on this machine. docker-build starts a BuildKit container in Docker, ${without}, and leaves it running. Fix: docker buildx create --use creates a builder.`;
const daemon = (name: string) =>
    `builder: "${name}" is the Docker daemon's own (driver docker). Expected a builder with the driver docker-container, kubernetes or remote. docker-build starts a BuildKit container instead, ${without}. Fix: create a builder, docker buildx create --name NAME, and set its name here.`;
const own = { "buildx/instances/own": JSON.stringify({ Name: "own", Driver: "remote" }) };
const context = createHash("sha256").update("desktop-linux").digest("hex");
const desktop = { [`contexts/meta/${context}/meta.json`]: "{}" };

/** The warnings of a run with two images, whose hook gets these inputs. */
async function warningsOf(
    files: Readonly<Record<string, string>>,
    inputs: Record<string, unknown>,
    preview = false,
): Promise<readonly unknown[]> {
    await mockRun({ preview });
    const warn = mock.method(pulumi.log, "warn", async () => undefined);
    const hook = builderHook({ DOCKER_CONFIG: writeFolder(files) });
    const urn = "urn:pulumi:dev::test::docker-build:index:Image::app";
    for (const id of ["app", "stage"]) {
        const image = { urn, id, name: id, type: "docker-build:index:Image", newInputs: inputs };
        await hook(image as pulumi.ResourceHookArgs);
    }
    const messages = warn.mock.calls.map(({ arguments: [message] }) => message);
    warn.mock.restore();
    return messages;
}

test("warns once that docker-build starts a container when the machine has no builder", async () => {
    assert.deepEqual(await warningsOf({}, {}), [none]);
    assert.deepEqual(await warningsOf(desktop, {}), [none]);
    assert.deepEqual(await warningsOf(own, {}), []);
});

test("warns of a missing builder in previews only if they build", async () => {
    assert.deepEqual(await warningsOf({}, { buildOnPreview: false }, true), []);
    assert.deepEqual(await warningsOf({}, { buildOnPreview: true }, true), [none]);
});

test("warns of a name of Docker's own builder, in previews too", async () => {
    for (const preview of [true, false]) {
        const named = (name: string) => ({ builder: { name }, buildOnPreview: false });
        assert.deepEqual(await warningsOf(own, named("default"), preview), [daemon("default")]);
        const wrong = await warningsOf({ ...own, ...desktop }, named("desktop-linux"), preview);
        assert.deepEqual(wrong, [daemon("desktop-linux")]);
        // docker-build reports a name that does not exist.
        for (const name of ["own", "Own", "desktop-linux"]) {
            assert.deepEqual(await warningsOf(own, named(name), preview), []);
        }
    }
});
