import assert from "node:assert/strict";
import { test } from "node:test";
import { buildProvenance, indexProvenance } from "../../../src/signing/provenance";

const facts = { version: "1.2.3", project: "shop", stack: "main", component: "fm" };
const noSecrets = { texts: [], names: [] };
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** What BuildKit records of a build with a secret of each kind. */
function predicate(dockerfile = "FROM scratch\n", id = "") {
    return {
        buildDefinition: {
            buildType: "https://example.com/build-type",
            externalParameters: {
                configSource: { path: "Dockerfile" },
                request: {
                    frontend: "dockerfile.v0",
                    args: {
                        "build-arg:PIN": "7",
                        "build-arg:VERSION": "1",
                        "context:src": "https://bob:tower-1@git.example.com/src.git",
                        "label:note": "by tower-2",
                        "vcs:localdir:context": "home/bob/fm",
                        "vcs:source": "/home/bob/fm.git",
                    },
                    secrets: [{ id: "npm" }],
                    ssh: [{ id: "bobs-key" }],
                },
            },
            internalParameters: {
                builderPlatform: "linux/amd64",
                buildConfig: { llbDefinition: [{ id: "step0", resourceUsage: { cpu: 1 } }] },
            },
            resolvedDependencies: [{ uri: "pkg:docker/alpine@3.22", digest: { sha256: "ab" } }],
        },
        runDetails: {
            builder: { id },
            metadata: {
                buildkit_metadata: {
                    vcs: { revision: "c0ffee", source: "https://tower-3@git.example.com/fm.git" },
                    source: {
                        infos: [
                            {
                                filename: "Dockerfile",
                                data: base64(dockerfile),
                                llbDefinition: [{ id: "step0" }],
                            },
                        ],
                    },
                    sysUsage: [{ cpu: 1 }],
                },
            },
        },
    };
}

const record = { predicate: predicate(), steps: { total: 5, cached: 0 } };

test("keeps what BuildKit recorded, and adds what it does not know", () => {
    const made = buildProvenance(record, { ...facts, slice: "sha256:1" }, noSecrets);
    const { buildDefinition, runDetails } = JSON.parse(JSON.stringify(made));
    const given = predicate();
    assert.deepEqual(
        [buildDefinition.buildType, buildDefinition.resolvedDependencies],
        [given.buildDefinition.buildType, given.buildDefinition.resolvedDependencies],
    );
    assert.deepEqual(buildDefinition.internalParameters, {
        builderPlatform: "linux/amd64",
        buildConfig: { llbDefinition: [{ id: "step0" }] },
        harborBuild: {
            ...facts,
            slice: "sha256:1",
            commit: "c0ffee",
            steps: 5,
            cachedSteps: 0,
            unknown: [
                "who ran the build: BuildKit has no builder id",
                "whether the files differ from the commit",
            ],
        },
    });
    assert.deepEqual(runDetails.metadata.buildkit_metadata.source, {
        infos: [{ filename: "Dockerfile", data: base64("FROM scratch\n") }],
    });
});

test("contains no secret value, no login of a URL, no SSH id and no measurement", () => {
    const dockerfile = "FROM scratch\nENV A=tower-2\nADD https://bob:tower-4@host.example/x /\n";
    const secret = { ...record, predicate: predicate(dockerfile) };
    const secrets = { texts: ["7", "tower-2"], names: ["build-arg:PIN"] };
    const text = JSON.stringify(buildProvenance(secret, facts, secrets));
    const { buildDefinition, runDetails } = JSON.parse(text);
    const [{ data }] = runDetails.metadata.buildkit_metadata.source.infos;
    const shown = Buffer.from(data, "base64").toString("utf8");
    assert.equal(shown, "FROM scratch\nENV A=[secret]\nADD https://host.example/x /\n");
    assert.doesNotMatch(text, /tower-|bob|Usage|llbDefinition/);
    assert.deepEqual(buildDefinition.externalParameters.request, {
        frontend: "dockerfile.v0",
        args: {
            "build-arg:VERSION": "1",
            "context:src": "https://git.example.com/src.git",
            "label:note": "by [secret]",
        },
        secrets: [{ id: "npm" }],
    });
    assert.deepEqual(
        buildDefinition.internalParameters.harborBuild.unknown.at(-1),
        "buildConfig: a build argument is secret",
    );
});

/** What a provenance says it does not know. */
const unknownOf = (made: object) =>
    JSON.parse(JSON.stringify(made)).buildDefinition.internalParameters.harborBuild.unknown;

test("says which steps a cache had", () => {
    const cached = {
        predicate: predicate("FROM scratch\n", "https://ci.example.com"),
        steps: { total: 5, cached: 5 },
    };
    assert.deepEqual(unknownOf(buildProvenance(cached, facts, noSecrets)), [
        "which builds ran 5 of 5 steps: a cache had them",
        "whether the files differ from the commit",
    ]);
});

test("describes no build of which there is no record, and says why", () => {
    const secrets = { texts: ["tower-5"], names: [] };
    assert.deepEqual(buildProvenance({ reason: "no builder tower-5" }, facts, secrets), {
        buildDefinition: {
            buildType:
                "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
            externalParameters: {},
            internalParameters: {
                harborBuild: {
                    ...facts,
                    unknown: ["everything about the build: no builder [secret]"],
                },
            },
        },
        runDetails: { builder: { id: "" } },
    });
});

test("leaves out the Dockerfile and the steps when a registry could not serve them", () => {
    const large = { ...record, predicate: predicate("#".repeat(5 * 1024 * 1024)) };
    const made = buildProvenance(large, facts, noSecrets);
    assert.ok(JSON.stringify(made).length < 5000);
    assert.equal(
        unknownOf(made).at(-1),
        "buildConfig, buildkit_metadata: the Dockerfile and the steps are too large",
    );
    const sized = (id: string) =>
        buildProvenance({ ...record, predicate: predicate("", id) }, facts, noSecrets);
    const rest = 4 * 1024 * 1024 - JSON.stringify(sized("i")).length;
    assert.deepEqual(unknownOf(sized("i".repeat(1 + rest))), unknownOf(sized("i")));
    assert.match(unknownOf(sized("i".repeat(2 + rest))).at(-1), / are too large$/);
});

test("lists the images of an index by digest", () => {
    const made = indexProvenance([{ platform: "linux/arm64", digest: "sha256:12" }], facts);
    const { buildDefinition } = JSON.parse(JSON.stringify(made));
    assert.deepEqual(buildDefinition.resolvedDependencies, [
        { name: "linux/arm64", digest: { sha256: "12" } },
    ]);
    assert.equal(buildDefinition.buildType, "urn:harbor-build:index:1");
    assert.deepEqual(unknownOf(made), [
        "the builds of the platforms: each platform's image has its own provenance",
    ]);
});
