import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { before, test } from "node:test";
import { ensureSandbox } from "../../tools/sandbox/sandbox";
import { recordBuilds, steps } from "../support/buildRecord";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { ask, askApi } from "../support/registry";
import { succeeded } from "../support/run";
import { type Run, TestStack } from "../support/stack";
import { tinyProgram, writeFolder } from "../support/tinyProject";
import { startTinyRegistry } from "../unit/registry/tinyRegistry";

const proxy = uniqueName("proxy");
const secret = uniqueName("secret");
let lab: Lab;
let host: string;
/** Stands for Docker Hub where it is not reached. */
let mirror: { readonly url: string; readonly host: string } | undefined;

before(async () => {
    lab = openLab();
    host = new URL(lab.admin.url).host;
    mirror = (await ensureSandbox(lab.sandboxOptions)).mirror;
    const body = { project_name: secret, metadata: { public: "false" } };
    const made = await askApi(lab.admin, "/projects", { method: "POST", body });
    assert.equal(made.status, 201, JSON.stringify(made.json));
});

/** A stack that pins the bases of a Dockerfile, in a separate project. */
async function pinned(dockerfile: readonly string[], args = ""): Promise<TestStack> {
    const program = `
import { BaseImagePolicy, CachedImage } from "harbor-build";

const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = process.env;
const tiny = new CachedImage("tiny", {
    project: { name: ${JSON.stringify(uniqueName("pinned"))} },
    context: "tiny",
    retainImages: false,
    baseImages: BaseImagePolicy.Pin,
    ${args}
});
export const { baseImages } = tiny;
`;
    const files = writeFolder({ "tiny/Dockerfile": `${dockerfile.join("\n")}\n` });
    return TestStack.create(lab, program, { files });
}

/** Brings a stack up, and proves that the next preview has nothing to do. */
async function upOnce(stack: TestStack) {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    succeeded(await stack.preview("--expect-no-changes"));
    return { builds: builds.map(steps), baseImages: (await stack.outputs())["baseImages"] };
}

/** The digest that the mirror has for one of Docker Hub's tags. */
async function hubDigest(repository: string, tag: string): Promise<string> {
    const url = `${mirror?.url}/v2/library/${repository}/manifests/${tag}`;
    const accept = "application/vnd.oci.image.manifest.v1+json";
    const answer = await ask({}, url, { method: "HEAD", headers: { accept } });
    assert.equal(answer.status, 200, url);
    return String(answer.headers["docker-content-digest"]);
}

/** How often a text occurs in a run's output. */
const count = ({ output }: Run, text: string) => output.split(text).length - 1;

test("pins Docker Hub's images under all their names, and asks the mirror", async (context) => {
    if (mirror === undefined) {
        return context.skip("Docker Hub is reached; there is no mirror to compare with");
    }
    const stack = await pinned(
        [
            "ARG VERSION=3.22",
            "FROM docker.io/library/alpine AS alpine",
            "RUN echo stage > /x",
            "FROM --platform=$TARGETPLATFORM index.docker.io/library/alpine:$VERSION AS build",
            "COPY --from=alpine /x /x",
            "RUN --mount=from=busybox:stable,target=/tools cat /x /tools/etc/passwd > /y",
            "FROM busybox",
            "COPY --from=build /y /y",
            "COPY --from=alpine:3 /etc/passwd /passwd",
        ],
        `baseImageMirrors: { "docker.io": ${JSON.stringify(mirror.host)} },`,
    );
    const { builds, baseImages } = await upOnce(stack);
    const [alpine, busybox] = [
        await hubDigest("alpine", "3.22"),
        await hubDigest("busybox", "stable"),
    ];
    assert.deepEqual(baseImages, {
        "alpine:3": alpine,
        "alpine:3.22": alpine,
        "alpine:latest": alpine,
        "busybox:latest": busybox,
        "busybox:stable": busybox,
    });
    // A stage with the name of a base image is built, not replaced by the image.
    assert.ok(Object.keys(builds[0] ?? {}).includes("RUN echo stage > /x"));
});

test("pins bases through a proxy-cache project of Harbor in place of Docker Hub", async (context) => {
    if (mirror === undefined || lab.sandboxOptions.given !== undefined) {
        return context.skip("the Harbor given does not reach the sandbox's images");
    }
    const name = uniqueName("hub");
    const registry = { name, type: "docker-registry", url: mirror.url };
    const added = await askApi(lab.admin, "/registries", { method: "POST", body: registry });
    assert.equal(added.status, 201, JSON.stringify(added.json));
    const found = await askApi(lab.admin, `/registries?q=name%3D${name}`);
    const [{ id }] = found.json as [{ id: number }];
    const body = { project_name: proxy, registry_id: id, metadata: { public: "true" } };
    const made = await askApi(lab.admin, "/projects", { method: "POST", body });
    assert.equal(made.status, 201, JSON.stringify(made.json));
    const stack = await pinned(
        [
            `FROM ${host}/${proxy}/library/alpine:3.22 AS build`,
            "RUN true > /x",
            "FROM busybox",
            "COPY --from=build /x /x",
        ],
        `baseImageMirrors: { "docker.io": "${host}/${proxy}" },`,
    );
    assert.deepEqual((await upOnce(stack)).baseImages, {
        [`${host}/${proxy}/library/alpine:3.22`]: await hubDigest("alpine", "3.22"),
        "busybox:latest": await hubDigest("busybox", "latest"),
    });
});

test("asks a registry once per run for a base of several images", async () => {
    const registry = await startTinyRegistry({ projects: { library: "public" } });
    const config = registry.blob("library/base", JSON.stringify({ config: {} }));
    const manifest = { schemaVersion: 2, config: { digest: config }, layers: [] };
    const digest = registry.manifest("library/base", "1", manifest);
    const stack = await pinned(["FROM base:1 AS build", "RUN true > /x", "FROM base:1"]);
    await stack.program(`
import { BaseImagePolicy, CachedImage } from "harbor-build";

for (const name of ["one", "two"]) {
    new CachedImage(name, {
        project: { name: ${JSON.stringify(uniqueName("asked"))} + name },
        context: "tiny",
        builderStages: ["build"],
        baseImages: BaseImagePolicy.Pin,
        baseImageMirrors: { "docker.io": ${JSON.stringify(registry.host)} },
    });
}
`);
    const preview = await stack.preview("--diff");
    await registry.close();
    succeeded(preview);
    assert.equal(count(preview, `"docker-image://base:1@${digest}"`), 4, preview.output);
    // For its digest and, since images would be built, for its triggers; the first of each is
    // rejected, because it has no token.
    assert.deepEqual(
        registry.requests.filter((line) => !line.includes("/service/token")),
        [
            ...Array(2).fill("HEAD /v2/library/base/manifests/1"),
            ...Array(2).fill("GET /v2/library/base/manifests/1"),
            `GET /v2/library/base/blobs/${config}`,
        ],
    );
});

test("asks a private registry with the login in the configuration of docker-build", async () => {
    const account = { password: "S3cret", rights: { library: ["pull"] } };
    const registry = await startTinyRegistry({
        projects: { library: "private" },
        accounts: { ci: account },
    });
    const config = registry.blob("library/base", JSON.stringify({ config: {} }));
    const manifest = { schemaVersion: 2, config: { digest: config }, layers: [] };
    const digest = registry.manifest("library/base", "1", manifest);
    const stack = await pinned([`FROM ${registry.host}/library/base:1`, "RUN true"]);
    const refused = await stack.preview();
    const login = { address: registry.host, username: "ci", password: account.password };
    const given = `docker-build:registries=${JSON.stringify([login])}`;
    const preview = await stack.preview("--diff", "--config", given);
    await registry.close();
    assert.match(refused.output, /cannot find the digest of .*: no login is given for /);
    const { output } = succeeded(preview);
    assert.equal(count(preview, `/library/base:1@${digest}"`), 1, output);
    // The hook before the build found no reason to warn that it cannot check the base.
    assert.doesNotMatch(output, /cannot check the base image/);
});

test("shows what an image waits for while a registry does not answer", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    // A server that listens on TCP has such an address.
    const { port } = silent.address() as AddressInfo;
    const files = writeFolder({ "tiny/Dockerfile": `FROM 127.0.0.1:${port}/base:1\nRUN true\n` });
    const stack = await TestStack.create(lab, tinyProgram(uniqueName("silent")), { files });
    const { output } = succeeded(await stack.preview());
    silent.closeAllConnections();
    silent.close();
    assert.match(output, /tiny-app create waiting for registries: caches, base images\n/);
});

test("reports all bases without a known digest together in the preview, each with what to do", async () => {
    const dockerfile = [
        `FROM ${host}/${secret}/go:1 AS build`,
        "RUN true > /x",
        `FROM ${host}/${secret}/run:1`,
        "COPY --from=build /x /x",
        "COPY --from=127.0.0.1:9/nowhere:1 /x /z",
    ];
    const fault = (line: number, reference: string, reason: string) =>
        `  baseImages: tiny/Dockerfile: line ${line}: cannot find the digest of "${reference}": ` +
        `${reason}, or use BaseImagePolicy.Float`;
    const refused = async (args: string, reason: (repository: string) => string) => {
        const stack = await pinned(dockerfile, args);
        const preview = await stack.preview();
        assert.notEqual(preview.code, 0, preview.output);
        assert.doesNotMatch(preview.output, /^\s+at .*:\d+:\d+/m);
        assert.match(preview.output, /^ *error: CachedImage "tiny": 3 arguments are invalid\.$/m);
        const told = [
            fault(
                5,
                "127.0.0.1:9/nowhere:1",
                `127.0.0.1:9 cannot be reached (ECONNREFUSED). Try again, name another registry in baseImageMirrors`,
            ),
            fault(1, `${host}/${secret}/go:1`, reason("go")),
            fault(3, `${host}/${secret}/run:1`, reason("run")),
        ];
        for (const text of told) {
            assert.equal(count(preview, text), 1, `${text}\n${preview.output}`);
        }
    };

    await refused(
        "",
        (repository) =>
            `no login is given for ${host}, and ${secret}/${repository} is not public; the robot ` +
            "account for this registry does not exist before this deployment. If its name is right, docker login there",
    );
    await refused(
        "credentials: { username, password },",
        (repository) => `repository ${secret}/${repository} not found. Correct its name`,
    );
});
