import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { readImageInputs } from "../../../src/hooks/imageInputs";
import { loginsOf } from "../../../src/hooks/logins";
import { writeFolder } from "../../support/tinyProject";

const folder = writeFolder({});
const auth = Buffer.from("docker:1").toString("base64");
const auths = {
    "own.example.com": { auth },
    "set.example.com": { auth },
    "d.example.com": { auth },
};
writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));

const own = { address: "own.example.com", username: "own", password: "1" };

/** The name that a build uses at each registry. */
async function names(registries: unknown) {
    const inputs = await readImageInputs({ registries });
    const logins = loginsOf(inputs, { env: { DOCKER_CONFIG: folder } });
    const hosts = ["own.example.com", "set.example.com", "docker.io", "d.example.com"];
    return Promise.all(hosts.map(async (host) => (await logins(host))?.username));
}

beforeEach(() => pulumi.runtime.setConfig("docker-build:registries", ""));

test("prefers the image's login to the provider's, and the provider's to Docker's", async () => {
    const configured = [
        { address: "own.example.com", username: "provider", password: "1" },
        { address: "https://set.example.com", username: "provider", password: "1" },
        { address: "https://index.docker.io/v1/", username: "hub", password: "1" },
    ];
    pulumi.runtime.setConfig("docker-build:registries", JSON.stringify(configured));
    assert.deepEqual(await names([own]), ["own", "provider", "hub", "docker"]);
    assert.deepEqual(await names(undefined), ["provider", "provider", "hub", "docker"]);
    assert.deepEqual(await names(pulumi.unknown), ["provider", "provider", "hub", "docker"]);
});

test("uses Docker's logins when the provider's configuration has none or is malformed", async () => {
    for (const text of ["", "[", "{}", '[{"address":"set.example.com"}]']) {
        pulumi.runtime.setConfig("docker-build:registries", text);
        assert.deepEqual(await names([own]), ["own", "docker", undefined, "docker"], text);
    }
});
