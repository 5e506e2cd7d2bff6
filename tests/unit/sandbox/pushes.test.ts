import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ScannerAdapter, startScannerAdapter } from "../../support/scannerAdapter";
import { type MemoryRegistry, startMemoryRegistry } from "./memoryRegistry";
import { digestOf, listArtifacts, pushBlob, pushImage, pushIndex, pushManifest } from "./pusher";
import { faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

let registry: MemoryRegistry;
let harbor: TestHarbor;
before(async () => {
    registry = await startMemoryRegistry();
    harbor = await startTestHarbor({ upstreamUrl: registry.url });
});
after(async () => {
    await harbor.close();
    await registry.close();
});

/** Registers a scanner whose adapter answers. */
async function register(name: string): Promise<ScannerAdapter> {
    const scanner = await startScannerAdapter();
    const made = await harbor.api("POST", "/scanners", { name, url: scanner.url });
    assert.equal(made.status, 201);
    return scanner;
}

async function newProject(name: string, more: object = {}): Promise<void> {
    const made = await harbor.api("POST", "/projects", { project_name: name, ...more });
    assert.equal(made.status, 201);
}

const usedBytes = async (project: string): Promise<number> => {
    const { json } = await harbor.api("GET", `/projects/${project}/summary`);
    return (json as { quota: { used: { storage: number } } }).quota.used.storage;
};

test("leaves the old artifact of a moved tag untagged and counted", async () => {
    await newProject("moves");
    const old = await pushImage(harbor, "moves/app", "latest", "one");
    const before = await usedBytes("moves");
    const young = await pushImage(harbor, "moves/app", "latest", "twelve");
    assert.deepEqual(await listArtifacts(harbor, "moves", "app"), [
        { digest: young.digest, type: "IMAGE", tags: ["latest"] },
        { digest: old.digest, type: "IMAGE", tags: [] },
    ]);
    assert.ok((await usedBytes("moves")) > before);
});

test("deletes every tag with a digest and frees the space", async () => {
    await newProject("deletes");
    const image = await pushImage(harbor, "deletes/app", "a", "layer");
    await pushImage(harbor, "deletes/app", "b", "layer");
    const path = `/v2/deletes/app/manifests/${image.digest}`;
    assert.equal((await harbor.send("DELETE", path, { as: "admin" })).status, 202);
    assert.deepEqual(await listArtifacts(harbor, "deletes", "app"), []);
    assert.equal(await usedBytes("deletes"), 0);
});

test("keeps the children of an index out of lists, and refuses to delete them first", async () => {
    await newProject("indexes");
    const amd = await pushImage(harbor, "indexes/app", "", "amd64");
    const arm = await pushImage(harbor, "indexes/app", "", "arm64");
    const index = await pushIndex(harbor, "indexes/app", "v1", [amd.digest, arm.digest]);
    assert.equal(index.status, 201);
    const listed = await listArtifacts(harbor, "indexes", "app");
    assert.deepEqual(listed, [{ digest: index.digest, type: "IMAGE", tags: ["v1"] }]);
    const child = `/v2/indexes/app/manifests/${amd.digest}`;
    const refused = await harbor.send("DELETE", child, { as: "admin" });
    assert.equal(refused.status, 412);
    assert.equal(faultOf(refused).code, "VIOLATE_FOREIGN_KEY_CONSTRAINT");
    const whole = `/v2/indexes/app/manifests/${index.digest}`;
    assert.equal((await harbor.send("DELETE", whole, { as: "admin" })).status, 202);
    assert.equal((await harbor.send("GET", child, { as: "admin" })).status, 404);
});

test("answers 404 to an index of layers, BuildKit's old form of a cache", async () => {
    await newProject("cache");
    await pushBlob(harbor, "cache/app", "layer");
    const refused = await pushIndex(harbor, "cache/app", "cache", [digestOf("layer")]);
    assert.equal(refused.status, 404);
    assert.deepEqual(faultOf(refused), {
        code: "NOT_FOUND",
        message: `artifact cache/app@${digestOf("layer")} not found`,
    });
});

test("counts each blob once in a quota, and refuses what does not fit in Harbor's words", async () => {
    await newProject("small", { storage_limit: 3000 });
    const layer = "x".repeat(1500);
    assert.equal((await pushImage(harbor, "small/app", "1", layer)).status, 201);
    assert.equal((await pushImage(harbor, "small/other", "1", layer)).status, 201);
    const used = await usedBytes("small");
    const refused = await pushBlob(harbor, "small/app", "y".repeat(1500));
    assert.equal(refused.status, 403);
    assert.deepEqual(faultOf(refused), {
        code: "DENIED",
        message:
            "adding 1.5 KiB of storage resource, which when updated to current usage of " +
            `${(used / 1024).toFixed(1)} KiB will exceed the configured upper limit of 2.9 KiB.`,
    });
    assert.equal(await usedBytes("small"), used);
});

test("blocks images that no scanner has scanned under vulnerability prevention, on GET and HEAD", async () => {
    await newProject("guarded", { metadata: { prevent_vul: "true", severity: "high" } });
    await pushImage(harbor, "guarded/app", "v1", "layer");
    const path = "/v2/guarded/app/manifests/v1";
    assert.equal(
        (await harbor.send("GET", path, { as: "admin" })).status,
        200,
        "without a scanner",
    );
    const scanner = await register("idle");
    const got = await harbor.send("GET", path, { as: "admin" });
    assert.equal(got.status, 412);
    assert.equal(faultOf(got).code, "PROJECTPOLICYVIOLATION");
    assert.match(faultOf(got).message, /^current image without vulnerability scanning cannot be/);
    assert.equal((await harbor.send("HEAD", path, { as: "admin" })).status, 412);
    scanner.close();
    const away = await harbor.send("GET", path, { as: "admin" });
    assert.equal(away.status, 200, "with a scanner that does not answer");
});

test("allows caches of their own type and indexes under vulnerability prevention", async () => {
    const scanner = await register("other");
    const [{ uuid = "" } = {}] = (await harbor.api("GET", "/scanners?q=name=other")).json as {
        uuid?: string;
    }[];
    assert.equal(
        (await harbor.api("PATCH", `/scanners/${uuid}`, { is_default: true })).status,
        200,
    );
    await newProject("passes", { metadata: { prevent_vul: "true", severity: "low" } });
    const cache = {
        config: {
            mediaType: "application/vnd.buildkit.cacheconfig.v0",
            digest: digestOf("cache config"),
            size: "cache config".length,
        },
    };
    await pushBlob(harbor, "passes/app", "cache config");
    await pushImage(harbor, "passes/app", "cache", "layer", cache);
    const image = await pushImage(harbor, "passes/app", "", "other layer");
    await pushIndex(harbor, "passes/app", "index", [image.digest]);
    for (const tag of ["cache", "index"]) {
        const path = `/v2/passes/app/manifests/${tag}`;
        assert.equal((await harbor.send("GET", path, { as: "admin" })).status, 200, tag);
    }
    assert.equal(
        (await harbor.send("GET", `/v2/passes/app/manifests/${image.digest}`, { as: "admin" }))
            .status,
        412,
    );
    scanner.close();
    const [, listed] = await listArtifacts(harbor, "passes", "app");
    assert.equal(listed?.type, "UNKNOWN");
});

test("blocks artifacts without a signature under content trust, and allows signed ones", async () => {
    await newProject("signed", { metadata: { enable_content_trust_cosign: "true" } });
    const image = await pushImage(harbor, "signed/app", "v1", "layer");
    const path = "/v2/signed/app/manifests/v1";
    const refused = await harbor.send("GET", path, { as: "admin" });
    assert.deepEqual(
        [refused.status, faultOf(refused)],
        [412, { code: "PROJECTPOLICYVIOLATION", message: "The image is not signed by cosign." }],
    );
    await pushImage(harbor, "signed/app", "", "signature", {
        artifactType: "application/vnd.dev.cosign.artifact.sig.v1+json",
        subject: { mediaType: "", digest: image.digest, size: 1 },
    });
    assert.equal((await harbor.send("GET", path, { as: "admin" })).status, 200);
});

test("lets a signer read what it signs, and only with the right to push", async () => {
    await newProject("signers", {
        metadata: { enable_content_trust_cosign: "true", public: "true" },
    });
    await pushImage(harbor, "signers/app", "v1", "layer");
    const scope = "repository:signers/app:pull,push";
    const statusOf = async (as: string | undefined, agent: string): Promise<number> => {
        const path = `/service/token?service=harbor-registry&scope=${scope}`;
        const token = await harbor.send("GET", path, as === undefined ? {} : { as });
        const authorization = `Bearer ${(token.json as { token: string }).token}`;
        const headers = { authorization, "user-agent": agent };
        return (await harbor.send("GET", "/v2/signers/app/manifests/v1", { headers })).status;
    };
    assert.deepEqual(
        await Promise.all([
            statusOf("admin", "cosign/v3.1.3"),
            statusOf("admin", "buildkit/v0.31"),
            statusOf(undefined, "cosign/v3.1.3"),
        ]),
        [200, 412, 412],
    );
});

test("takes cosign's older tag for a signature, and lists referrers of missing subjects", async () => {
    await newProject("older", { metadata: { enable_content_trust_cosign: "true" } });
    const image = await pushImage(harbor, "older/app", "v1", "layer");
    const tag = `${image.digest.replace(":", "-")}.sig`;
    const type = "application/vnd.dev.cosign.simplesigning.v1+json";
    await pushBlob(harbor, "older/app", "{}");
    const empty = { mediaType: type, digest: digestOf("{}"), size: 2 };
    await pushManifest(harbor, "older/app", tag, {
        config: { ...empty, mediaType: "application/vnd.oci.image.config.v1+json" },
        layers: [empty],
    });
    const path = "/v2/older/app/manifests/v1";
    assert.equal((await harbor.send("GET", path, { as: "admin" })).status, 200);
    const missing = `sha256:${"0".repeat(64)}`;
    const made = await pushImage(harbor, "older/app", "", "early", {
        artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        subject: { mediaType: "", digest: missing, size: 1 },
    });
    const listed = await harbor.send("GET", `/v2/older/app/referrers/${missing}`, { as: "admin" });
    const { manifests } = listed.json as { manifests: { digest: string }[] };
    assert.deepEqual(
        manifests.map(({ digest }) => digest),
        [made.digest],
    );
});

test("allows pulls and denies pushes in read-only mode", async () => {
    await newProject("frozen");
    await pushImage(harbor, "frozen/app", "v1", "layer");
    await harbor.api("PUT", "/configurations", { read_only: true });
    const path = "/v2/frozen/app/manifests/v1";
    assert.equal((await harbor.send("GET", path, { as: "admin" })).status, 200);
    const refused = await pushBlob(harbor, "frozen/app", "more");
    assert.equal(faultOf(refused).code, "DENIED");
    await harbor.api("PUT", "/configurations", { read_only: false });
});
