import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readImageConfig } from "../../../src/registry/imageConfig";
import { startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

let registry: TinyRegistry;
const indexType = "application/vnd.oci.image.index.v1+json";

before(async () => {
    registry = await startTinyRegistry({ projects: { open: "public", shop: "private" } });
    push("plain", { Env: ["A=1", "B=x=y", "C="], OnBuild: ["COPY . /app", "RUN make"] });
    push("none", {});
    const manifests = [
        { digest: push("amd64", { OnBuild: ["RUN amd64"] }), platform: platform("amd64") },
        { digest: push("arm", { OnBuild: ["RUN arm"] }), platform: platform("arm", "v7") },
        { digest: push("arm64", { OnBuild: ["RUN arm64"] }), platform: platform("arm64", "v8") },
    ];
    registry.manifest("open/base", "index", { schemaVersion: 2, manifests }, indexType);
});
after(() => registry.close());

const platform = (architecture: string, variant?: string) => ({
    os: "linux",
    architecture,
    variant,
});

/** Stores an image with a configuration, and gives its digest. */
function push(tag: string, config: object): string {
    const digest = registry.blob("open/base", JSON.stringify({ config }));
    return registry.manifest("open/base", tag, {
        schemaVersion: 2,
        config: { digest },
        layers: [],
    });
}

async function read(reference: string, platform?: string) {
    const options = { url: registry.url, retry: { delayMs: 1 } };
    return readImageConfig(`${registry.host}/${reference}`, platform, () => undefined, options);
}

test("reads environment and triggers of an image", async () => {
    const from = registry.requests.length;
    assert.deepEqual(await read("open/base:plain"), {
        config: {
            env: { A: "1", B: "x=y", C: "" },
            triggers: ["COPY . /app", "RUN make"],
        },
    });
    const asked = registry.requests.slice(from).filter((line) => !line.includes("token"));
    // The registry rejects the first request, because it has no token.
    assert.deepEqual(
        asked.map((line) => line.replace(/sha256:.*/, "DIGEST")),
        [
            "GET /v2/open/base/manifests/plain",
            "GET /v2/open/base/manifests/plain",
            "GET /v2/open/base/blobs/DIGEST",
        ],
    );
    assert.deepEqual(await read("open/base:none"), { config: { env: {}, triggers: [] } });
});

test("reads the image of an index that is for the platform, else the first", async () => {
    const triggers = async (platform?: string) => {
        const answer = await read("open/base:index", platform);
        return "config" in answer ? answer.config.triggers : answer;
    };
    assert.deepEqual(await triggers("linux/arm64"), ["RUN arm64"]);
    assert.deepEqual(await triggers("linux/arm/v7"), ["RUN arm"]);
    assert.deepEqual(await triggers("linux/s390x"), ["RUN amd64"]);
    assert.deepEqual(await triggers(), ["RUN amd64"]);
});

test("returns the reason for a configuration that cannot be read", async () => {
    assert.deepEqual(await read("open/base:gone"), {
        status: "missing",
        reason: "artifact open/base:gone not found",
    });
    assert.deepEqual(await read("shop/base:1"), {
        status: "forbidden",
        reason: `no login is given for ${registry.host}, and shop/base is not public`,
    });
    registry.manifest("open/base", "odd", { config: { digest: registry.blob("open/base", "{") } });
    const odd = await read("open/base:odd");
    assert.equal("status" in odd && odd.status, "unreachable");
});
