import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { type EitherSchemeRegistry, startEitherScheme } from "../support/eitherScheme";
import { manifestsIn, readContents } from "../support/harborContents";
import { readConfig } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingHttps } from "../support/needs";
import { pull } from "../support/registry";
import { changesOf, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("platforms");
// No RUN for the platform that is built: no emulator is needed.
const files = {
    "multi/Dockerfile": [
        "FROM --platform=$BUILDPLATFORM alpine:3.22 AS build",
        "ARG TARGETARCH",
        "COPY source.txt /source.txt",
        'RUN { cat /source.txt; echo "$TARGETARCH"; } > /out',
        "FROM scratch",
        "COPY --from=build /out /out",
        "",
    ].join("\n"),
    "multi/source.txt": "source\n",
};
const program = (platforms: readonly string[]) => `
import { CachedImage } from "harbor-build";
import { Provider } from "harbor-build/harbor";

const multi = new CachedImage("multi", {
    project: { name: ${JSON.stringify(project)} },
    context: "multi",
    tags: ["1.0", "1"],
    retainImages: false,
    platforms: ${JSON.stringify(platforms)},
    registry: ${JSON.stringify(registry.host)},
}, { providers: { harbor: new Provider("harbor") } });
export const ref = multi.ref;
export const digest = multi.digest;
export const builderImages = multi.builderImages;
`;
const both = ["linux/amd64", "linux/arm64"];
let lab: Lab;
let stack: TestStack;
let registry: EitherSchemeRegistry;

before(async () => {
    lab = openLab();
    registry = await startEitherScheme(lab.admin.url);
    stack = await TestStack.create(lab, program(["linux/amd64"]), { files: writeFolder(files) });
});

const up = async () => succeeded(await stack.up());

async function readIndex(reference: string) {
    const answer = await pull(lab.admin, `${project}/multi`, `manifests/${reference}`);
    assert.equal(answer.status, 200);
    const index = JSON.parse(answer.body.toString("utf8"));
    return {
        mediaType: String(answer.headers["content-type"]),
        digest: String(answer.headers["docker-content-digest"]),
        manifests: (
            index.manifests as { digest: string; platform: { os: string; architecture: string } }[]
        ).map(({ digest, platform }) => ({
            digest,
            platform: `${platform.os}/${platform.architecture}`,
        })),
    };
}

test("builds one plain image for one platform", async () => {
    const run = await up();
    assert.deepEqual(Object.keys(run.operations), [
        "multi",
        "multi-project",
        "multi-robot",
        "multi-stage-build",
        "multi-app",
    ]);
    const { architecture } = await readArchitecture("1.0");
    assert.equal(architecture, "amd64");
});

async function readArchitecture(reference: string): Promise<{ architecture: string }> {
    const config: unknown = await readConfig(lab.admin, `${project}/multi`, reference);
    // OCI image configurations name their architecture.
    return config as { architecture: string };
}

const overHttps = needingHttps("Index");
let pushedAlone: readonly string[] = [];

overHttps("builds an image and a cache for each platform, joined in one index", async () => {
    pushedAlone = manifestsIn(await readContents(lab.admin, project));
    await stack.program(program(both));
    const run = await up();
    assert.deepEqual(changesOf(run), {
        multi: "update",
        "multi-stage-build-linux-amd64": "create",
        "multi-app-linux-amd64": "create",
        "multi-stage-build-linux-arm64": "create",
        "multi-app-linux-arm64": "create",
        "multi-index": "create",
        "multi-index-1": "create",
        "multi-stage-build": "delete",
        "multi-app": "delete",
    });
    const index = await readIndex("1.0");
    assert.match(index.mediaType, /image\.index|manifest\.list/);
    assert.deepEqual(
        index.manifests.map(({ platform }) => platform),
        both,
    );
    for (const { digest, platform } of index.manifests) {
        assert.equal(`linux/${(await readArchitecture(digest)).architecture}`, platform);
    }
    assert.deepEqual(await readIndex("1"), index);
    const outputs = await stack.outputs();
    assert.equal(outputs["digest"], index.digest);
    assert.equal(outputs["ref"], `${registry.host}/${project}/multi:1.0@${index.digest}`);
    assert.deepEqual(Object.keys(outputs["builderImages"] as object).sort(), [
        "build-linux-amd64",
        "build-linux-arm64",
    ]);
});

overHttps("keeps in Harbor everything that was pushed for one platform", async () => {
    const now = manifestsIn(await readContents(lab.admin, project));
    const kept = pushedAlone.filter((manifest) => now.includes(manifest));
    assert.ok(pushedAlone.length > 0);
    assert.deepEqual(kept, pushedAlone);
});

overHttps("gives each platform separate cache tags", async () => {
    const cache = (await readContents(lab.admin, project))?.["multi/cache"] ?? {};
    assert.deepEqual(Object.values(cache).flat().sort(), [
        "dev",
        "dev____linux-amd64_hbaf0239e48",
        "dev____linux-arm64_hb3e3ab55f8",
        "dev__build",
        "dev__build__linux-amd64_hbaf0239e48",
        "dev__build__linux-arm64_hb3e3ab55f8",
    ]);
});

overHttps(
    "changes nothing in another up, and rebuilds everything that depends on a changed file",
    async () => {
        assert.deepEqual(changesOf(await up()), {});
        writeFileSync(join(stack.folder, "multi/source.txt"), "changed\n");
        const before = await readIndex("1.0");
        const run = await up();
        assert.deepEqual(changesOf(run), {
            "multi-stage-build-linux-amd64": "update",
            "multi-app-linux-amd64": "update",
            "multi-stage-build-linux-arm64": "update",
            "multi-app-linux-arm64": "update",
            "multi-index": "update",
            "multi-index-1": "update",
        });
        const after = await readIndex("1.0");
        assert.notEqual(after.digest, before.digest);
        const stillThere = await pull(lab.admin, `${project}/multi`, `manifests/${before.digest}`);
        assert.equal(stillThere.status, 200, "the index that a cluster may run by its digest");
    },
);
