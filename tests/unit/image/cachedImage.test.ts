import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImage, CachedImageArgs } from "../../../src/index";
import { contextName } from "../../../src/slice/write";
import { publicPreviewVariable } from "../../../src/text/placeholder";
import { type Declarations, known, mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

const registry = "harbor.example.com";
const digest = `sha256:${"d".repeat(64)}`;
const context = mkdtempSync(join(tmpdir(), "hb-context-"));
let declared: Declarations;
let Component: typeof CachedImage;

before(async () => {
    writeFileSync(
        join(context, "Dockerfile"),
        "FROM golang:1.26 AS build\nRUN go build\nFROM alpine\nCOPY --from=build /app /\n",
    );
    declared = await mockPulumi({ config: { "harbor:url": `https://${registry}` } });
    // The mocks must be set before the package loads Pulumi's resources.
    Component = require("../../../src/index").CachedImage;
});

async function declare(
    name: string,
    args: Partial<CachedImageArgs> = {},
    opts: pulumi.ComponentResourceOptions = {},
): Promise<CachedImage> {
    const image = new Component(name, { project: { name: "shop" }, context, ...args }, opts);
    await known(image.ref);
    return image;
}

test("declares the project, a robot account and one image for each role", async () => {
    await declare("fm");
    assert.deepEqual(
        declared.resources.map(({ type, name }) => [type, name]),
        [
            ["harbor-build:index:CachedImage", "fm"],
            ["harbor:index/project:Project", "fm-project"],
            ["harbor:index/robotAccount:RobotAccount", "fm-robot"],
            ["docker-build:index:Image", "fm-stage-build"],
            ["docker-build:index:Image", "fm-app"],
        ],
    );
});

test("declares images without a login in previews without secrets, for the logins of Docker", async () => {
    process.env[publicPreviewVariable] = "true";
    try {
        await declare("open", { preview: "build" });
    } finally {
        delete process.env[publicPreviewVariable];
    }
    assert.deepEqual(declared.find("open-app").inputs["registries"], []);
    assert.deepEqual(declared.find("open-stage-build").inputs["registries"], []);
});

test("lets the robot account only pull from the project of the fallback scopes", async () => {
    const cache = { fallbackProject: "main", fallbackScopes: ["main"] };
    await declare("review", { project: { name: "reviews" }, cache });
    const accesses = (...actions: string[]) =>
        actions.map((action) => ({ resource: "repository", action }));
    const { level, permissions } = declared.find("review-robot").inputs;
    assert.equal(level, "system");
    assert.deepEqual(permissions, [
        { kind: "project", namespace: "reviews", accesses: accesses("pull", "push") },
        { kind: "project", namespace: "main", accesses: accesses("pull") },
    ]);
});

test("lets the robot account only pull and push in the project", async () => {
    await declare("least");
    assert.deepEqual(declared.find("least-robot").inputs, {
        level: "project",
        description: "Pushes shop/least of stack test/dev",
        permissions: [
            {
                kind: "project",
                namespace: "shop",
                accesses: [
                    { resource: "repository", action: "pull" },
                    { resource: "repository", action: "push" },
                ],
            },
        ],
    });
});

test("makes the robot account valid for the given days", async () => {
    await declare("days", { robotDays: 30 });
    assert.equal(declared.find("days-robot").inputs["duration"], 30);
});

test("builds the builder-stage image from the stack's cache and pushes it with inline cache", async () => {
    await declare("stage");
    const cache = `${registry}/shop/stage/cache:dev`;
    const { registries, ...inputs } = declared.find("stage-stage-build").inputs;
    const slice = `.harbor-build/dev/${registry}/shop/stage/stage-build`;
    assert.deepEqual(inputs, {
        context: { location: `${slice}/${contextName(slice)}` },
        dockerfile: { location: `${slice}/Dockerfile` },
        target: "build",
        tags: [`${cache}__build`],
        cacheFrom: [{ registry: { ref: cache } }],
        cacheTo: [{ inline: {} }],
        exports: [{ registry: { ociMediaTypes: true } }],
        push: false,
        buildOnPreview: false,
        network: "default",
    });
    assert.deepEqual(await known(pulumi.output(registries)), [
        { address: registry, username: "robot$shop+fm-robot", password: "S3cret-of-the-mock" },
    ]);
});

test("has the app image read the stack's cache and write it as a separate manifest", async () => {
    await declare("app", { tags: ["1.4.2", "1.4"] });
    const { tags, cacheFrom, cacheTo, target } = declared.find("app-app").inputs;
    const cache = `${registry}/shop/app/cache`;
    assert.deepEqual(tags, [`${registry}/shop/app:1.4.2`, `${registry}/shop/app:1.4`]);
    assert.deepEqual(cacheFrom, [{ registry: { ref: `${cache}:dev` } }]);
    assert.deepEqual(cacheTo, [
        {
            registry: {
                ref: `${cache}:dev`,
                mode: "max",
                imageManifest: true,
                ociMediaTypes: true,
                ignoreError: true,
            },
        },
    ]);
    assert.equal(target, undefined);
});

test("writes the app image's cache in a child that no preview builds, when previews build", async () => {
    await declare("apart", { preview: "build", labels: { team: "shop" } });
    const app = declared.find("apart-app").inputs;
    assert.equal(app["buildOnPreview"], true);
    assert.equal(app["cacheTo"], undefined);
    const { inputs: given, after } = await declared.wait("apart-cache");
    assert.deepEqual(after, ["apart-app", "apart-robot"]);
    const { registries, ...inputs } = given;
    const cache = `${registry}/shop/apart/cache`;
    const slice = `.harbor-build/dev/${registry}/shop/apart/cache`;
    assert.deepEqual(inputs, {
        context: { location: `${slice}/${contextName(slice)}` },
        dockerfile: { location: `${slice}/Dockerfile` },
        cacheFrom: [{ registry: { ref: `${cache}:dev` } }],
        cacheTo: [
            {
                registry: {
                    ref: `${cache}:dev`,
                    mode: "max",
                    imageManifest: true,
                    ociMediaTypes: true,
                    ignoreError: true,
                },
            },
        ],
        exports: [{ cacheonly: {} }],
        push: false,
        buildOnPreview: false,
        network: "default",
    });
    assert.deepEqual(await known(pulumi.output(registries)), [
        { address: registry, username: "robot$shop+fm-robot", password: "S3cret-of-the-mock" },
    ]);
});

test("has no such child in a stack that writes no cache", async () => {
    await declare("reads", { preview: "build", cache: { write: false } });
    assert.deepEqual(
        declared.resources.filter(({ name }) => name.startsWith("reads-")).map(({ name }) => name),
        ["reads-project", "reads-robot", "reads-app"],
    );
});

test("does not use main's own stack as its fallback", async () => {
    await declare("same", { cache: { write: false, fallbackScopes: ["dev", "prod"] } });
    const cache = `${registry}/shop/same/cache`;
    assert.deepEqual(declared.find("same-app").inputs["cacheFrom"], [
        { registry: { ref: `${cache}:prod` } },
        { registry: { ref: `${cache}:dev` } },
    ]);
});

test("names no buildx instance in arguments, because instances differ between machines", async () => {
    await declare("nowhere");
    const images = declared.resources.filter(({ type }) => type === "docker-build:index:Image");
    assert.ok(images.length > 0);
    assert.deepEqual(
        images.filter(({ inputs }) => "builder" in inputs),
        [],
    );
});

test("keeps paths of this machine out of the component's inputs", async () => {
    const lib = mkdtempSync(join(tmpdir(), "hb-lib-"));
    await declare("paths", {
        dockerfile: join(context, "Dockerfile"),
        namedContexts: { lib, tools: "docker-image://alpine:3" },
        ssh: [{ paths: ["/home/jane/.ssh/id"] }, { id: "deploy" }],
    });
    const { inputs } = declared.find("paths");
    const place = (path: string) => relative("", path);
    assert.deepEqual(inputs, {
        project: { name: "shop" },
        context: place(context),
        dockerfile: place(join(context, "Dockerfile")),
        namedContexts: { lib: place(lib), tools: "docker-image://alpine:3" },
        ssh: ["default", "deploy"],
    });
});

test("signs and attests each platform's image, and the index that joins them", async () => {
    const sign = { key: "-----BEGIN PRIVATE KEY-----" };
    const statements = () =>
        declared.resources
            .filter(({ type }) => type === "harbor:index/imageSignature:ImageSignature")
            .map(({ name, inputs }) => `${name} ${inputs["predicateType"]}`);
    const type = "https://slsa.dev/provenance/v1";
    await declare("both", { platforms: ["linux/amd64", "linux/arm64"], sign });
    assert.deepEqual(statements().sort(), [
        `both-provenance ${type}`,
        `both-provenance-linux-amd64 ${type}`,
        `both-provenance-linux-arm64 ${type}`,
        "both-signature undefined",
        "both-signature-linux-amd64 undefined",
        "both-signature-linux-arm64 undefined",
    ]);
    const before = statements().length;
    await declare("bare", { sign: { ...sign, provenance: false } });
    assert.deepEqual(statements().slice(before), ["bare-signature undefined"]);
});

test("uses BuildKit's spelling of a platform for docker-build and in names", async () => {
    await declare("spelled", { platforms: ["linux/arm", "linux/aarch64"] });
    const app = declared.find("spelled-app-linux-arm-v7").inputs;
    assert.deepEqual(app["platforms"], ["linux/arm/v7"]);
    assert.deepEqual(app["tags"], [`${registry}/shop/spelled:latest-linux-arm-v7`]);
    assert.deepEqual(declared.find("spelled-app-linux-arm64").inputs["platforms"], ["linux/arm64"]);
});

test("returns the references and digests of all images, the project and the host as outputs", async () => {
    const image = await declare("out", { tags: ["1"] });
    assert.equal(await known(image.ref), `${registry}/shop/out:1@${digest}`);
    assert.equal(await known(image.digest), digest);
    assert.deepEqual(await known(image.references), [`${registry}/shop/out:1`]);
    assert.deepEqual(await known(image.builderImages), {
        build: { ref: `${registry}/shop/out/cache:dev__build@${digest}`, digest },
    });
    assert.equal(await known(image.projectName), "shop");
    assert.equal(await known(image.registry), registry);
    assert.deepEqual(Object.keys(await declared.outputs("out")).sort(), [
        "baseImages",
        "builderImages",
        "digest",
        "projectName",
        "ref",
        "references",
        "registry",
    ]);
});

test("makes a resource that uses the name of the project wait for the project", async () => {
    const image = await declare("named");
    class Robots extends pulumi.CustomResource {}
    new Robots("test:index:Robots", "robots", { name: image.projectName });
    const { after, inputs } = await declared.wait("robots");
    assert.deepEqual([after, inputs], [["named-project"], { name: "shop" }]);
});

test("keeps labels of the run in a stamp, which depends on everything that changes the image", async () => {
    const buildLabels = { revision: "abc1234" };
    await declare("plain", { labels: { team: "shop" } });
    assert.throws(() => declared.find("plain-stamp"), /no resource "plain-stamp"/);
    await declare("stamped", { labels: { team: "shop" }, buildLabels });
    assert.deepEqual(declared.find("stamped-app").inputs["labels"], {
        team: "shop",
        revision: "abc1234",
    });
    assert.equal(declared.find("stamped-stage-build").inputs["labels"], undefined);
    assert.equal("buildLabels" in declared.find("stamped").inputs, false);
    const { triggers, values } = declared.find("stamped-stamp").inputs;
    assert.deepEqual(values, buildLabels);
    assert.deepEqual(Object.keys(triggers as object).sort(), ["arguments", "slice"]);
});

test("names a slice's folder after the image, and adds the name of a later component with the same image", async () => {
    const folder = (name: string) => {
        const { location } = declared.find(`${name}-app`).inputs["context"] as { location: string };
        return location;
    };
    await declare("first", { image: "team/shared" });
    await declare("second", { image: "team/shared" });
    await declare("third", { image: "team/shared", project: { name: "other" } });
    const place = `.harbor-build/dev/${registry}`;
    const context = (slice: string) => `${slice}/${contextName(slice)}`;
    assert.equal(folder("first"), context(`${place}/shop/team-shared_ha0f64b4cf9/app`));
    assert.equal(
        folder("second"),
        context(`${place}/shop/team-shared_ha0f64b4cf9/app-second_h2c3c673a6a`),
    );
    assert.equal(folder("third"), context(`${place}/other/team-shared_ha0f64b4cf9/app`));
});

test("uses an existing project without declaring it", async () => {
    await declare("guest", { project: { name: "shop", existing: true } });
    assert.throws(() => declared.find("guest-project"), /no resource "guest-project"/);
    assert.equal(declared.find("guest-robot").name, "guest-robot");
});

test("uses given credentials instead of a robot account, as a secret", async () => {
    await declare("given", { credentials: { username: "robot$ci", password: "Given-passw0rd" } });
    assert.throws(() => declared.find("given-robot"), /no resource "given-robot"/);
    assert.deepEqual(declared.find("given-app").inputs["registries"], {
        [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
        value: [{ address: registry, username: "robot$ci", password: "Given-passw0rd" }],
    });
});

test("retains images in Harbor unless the stack asks to delete them", async () => {
    const project = (name: string) => {
        const { inputs, parent, retained } = declared.find(`${name}-project`);
        return { forceDestroy: inputs["forceDestroy"], parent, retained };
    };
    await declare("kept");
    assert.deepEqual(project("kept"), { forceDestroy: false, parent: "kept", retained: true });
    await declare("gone", { retainImages: false });
    assert.deepEqual(project("gone"), { forceDestroy: true, parent: "gone", retained: false });
});

test("declares no build where git would run commands of a planted repository", () => {
    const files = {
        Dockerfile: "FROM alpine\nCOPY HEAD refs objects ./\n",
        ...{ HEAD: "", "objects/a": "", "refs/a": "" },
    };
    const copied = writeFolder({ ...files, ".git/a": "" });
    // docker-build gets a copy of the files with other modes, and a copy has no .git.
    chmodSync(join(copied, "HEAD"), 0o664);
    const folders = [writeFolder(files), copied];
    for (const [index, folder] of folders.entries()) {
        assert.throws(
            () => new Component(`planted-${index}`, { project: { name: "shop" }, context: folder }),
            {
                name: "UserError",
                message: /\n {2}context: ".*" looks like a git repository \(HEAD, objects, refs\)/,
            },
        );
    }
});

test("reports every invalid argument together, by its path", () => {
    assert.throws(
        () =>
            new Component("bad", {
                project: { name: "Shop" },
                context,
                tags: ["1.0", "a b"],
                target: "biuld",
                registry: "https://harbor.example.com",
            }),
        {
            name: "UserError",
            message: [
                'CachedImage "bad": 4 arguments are invalid.',
                `  project.name: "Shop" cannot be used: a project name is lower-case letters and digits, with single '.', '_' or '-' between them`,
                '  registry: "https://harbor.example.com" cannot be used: expected HOST or HOST:PORT, without scheme and path',
                `  tags[1]: "a b" cannot be used: a tag consists of letters, digits, '_', '.' and '-', and does not start with '.' or '-'`,
                `  target: no stage named "biuld" in ${context}/Dockerfile; stages are "build"; did you mean "build"?`,
            ].join("\n"),
        },
    );
});
