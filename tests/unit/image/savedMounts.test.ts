import assert from "node:assert/strict";
import { before, test } from "node:test";
import { CacheBackend } from "../../../src/cache/backend";
import type { CachedImageArgs } from "../../../src/image/args";
import { PreviewMode } from "../../../src/image/args";
import type { CachedImage } from "../../../src/index";
import { type Declarations, known, mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

const dockerfile = [
    "FROM golang:1.26 AS build",
    "ARG VERSION",
    "COPY main.go ./",
    "RUN --mount=type=cache,target=/root/.cache/go-build,sharing=locked go build",
    "FROM alpine",
    "COPY conf ./",
    "COPY --from=build /app /app",
    "",
].join("\n");
const files = { Dockerfile: dockerfile, "main.go": "1", conf: "1" };
const cacheOf = (image: string) => `harbor.example.com/shop/${image}/cache`;

let declared: Declarations;
let Component: typeof CachedImage;

before(async () => {
    declared = await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    Component = require("../../../src/index").CachedImage;
});

/** The inputs of the child that saves the mounts. */
async function save(name: string, args: Partial<CachedImageArgs> = {}, changed = {}) {
    const context = writeFolder({ ...files, ...changed });
    new Component(name, {
        project: { name: "shop" },
        image: "fm",
        context,
        cache: { carryMounts: true },
        ...args,
    });
    const { inputs, after } = await declared.wait(`${name}-mounts`);
    const { HARBOR_BUILD_TRIGGER: trigger } = inputs["buildArgs"] as Record<string, string>;
    return { inputs, trigger, after };
}

test("saves the mounts as a cache in a child, never in a preview and never failing", async () => {
    const { inputs } = await save("fm");
    assert.ok((await save("previewed", { preview: "build" })).after.includes("previewed-cache"));
    const candidate = `${cacheOf("fm")}:dev__0-save`;
    assert.deepEqual(
        { ...inputs, dockerfile: undefined, buildArgs: undefined, registries: undefined },
        {
            buildArgs: undefined,
            buildOnPreview: false,
            cacheFrom: [{ registry: { ref: candidate } }],
            cacheTo: [
                {
                    registry: {
                        ref: candidate,
                        mode: "min",
                        imageManifest: true,
                        ociMediaTypes: true,
                        compression: "zstd",
                        compressionLevel: 1,
                        ignoreError: true,
                    },
                },
            ],
            context: { location: ".harbor-build/dev/harbor.example.com/shop/fm/mounts" },
            dockerfile: undefined,
            exports: [{ cacheonly: {} }],
            labels: { "harbor-build.app": `sha256:${"d".repeat(64)}` },
            network: "default",
            push: false,
            registries: undefined,
        },
    );
    const { inline } = inputs["dockerfile"] as { inline: string };
    const words = ["^FROM", "^WORKDIR", "^USER", "^ARG", "^COPY", "sharing=locked,target"];
    assert.deepEqual(
        inline.split("\n").flatMap((line) => line.match(new RegExp(words.join("|")))?.[0] ?? []),
        [
            "FROM",
            "WORKDIR",
            "FROM",
            "USER",
            "WORKDIR",
            "ARG",
            "sharing=locked,target",
            "FROM",
            "COPY",
        ],
    );
});

test("names the mounts after the project whose caches come first: the fallback's, then that of the caches", async () => {
    const idOf = async (name: string, project: string, cache: CachedImageArgs["cache"]) => {
        const args = { project: { name: project }, cache: { carryMounts: true, ...cache } };
        const { inputs } = await save(name, { ...args, image: name });
        const { inline } = inputs["dockerfile"] as { inline: string };
        return /,id=([^,]+),sharing/.exec(inline)?.[1]?.split(":")[0];
    };
    const host = "harbor.example.com";
    assert.equal(await idOf("main", "shop", {}), `${host}/shop`);
    assert.equal(await idOf("apart", "shop", { project: "shop-cache" }), `${host}/shop-cache`);
    const fallbackScopes = ["main"];
    const review = { fallbackProject: "shop-cache", fallbackScopes };
    assert.equal(await idOf("review", "reviews", review), `${host}/shop-cache`);
});

test("saves again only when a source of the stage with the mount changes", async () => {
    const { trigger } = await save("same");
    assert.equal((await save("again")).trigger, trigger);
    assert.equal((await save("final", {}, { conf: "2" })).trigger, trigger);
    assert.notEqual((await save("source", {}, { "main.go": "2" })).trigger, trigger);
    const versioned = await save("argument", { buildArgs: { VERSION: "2" } });
    assert.notEqual(versioned.trigger, trigger);
});

test("gives the save no named context, whose every change would be a diff", async () => {
    const lib = writeFolder({ x: "" });
    const reading = dockerfile.replace("COPY conf ./", "COPY --from=lib x ./");
    const args = { namedContexts: { lib }, image: "named" };
    const { inputs } = await save("named", args, { Dockerfile: reading });
    assert.deepEqual(inputs["context"], {
        location: ".harbor-build/dev/harbor.example.com/shop/named/mounts",
    });
});

test("has no such child without mounts, without writing and without carrying", async () => {
    for (const [name, cache] of [
        ["reading", { carryMounts: true, write: false }],
        ["off", {}],
    ] as const) {
        const context = writeFolder(files);
        const component = new Component(name, { project: { name: "shop" }, context, cache });
        await known(component.ref);
    }
    const context = writeFolder({ Dockerfile: "FROM alpine\nRUN x\n" });
    const cache = { carryMounts: true };
    await known(new Component("bare", { project: { name: "shop" }, context, cache }).ref);
    const names = declared.resources.map(({ name }) => name);
    assert.deepEqual(
        ["reading", "off", "bare"].filter((name) => names.includes(`${name}-mounts`)),
        [],
    );
});

test("saves the mounts of each platform separately", async () => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const context = writeFolder(files);
    const cache = { carryMounts: true };
    new Component("many", { project: { name: "shop" }, context, cache, platforms });
    for (const platform of ["linux-amd64", "linux-arm64"]) {
        const { inputs } = await declared.wait(`many-mounts-${platform}`);
        const [source] = inputs["cacheFrom"] as [{ registry: { ref: string } }];
        const prefix = `${cacheOf("many")}:dev__0-save__${platform}_h`;
        assert.equal(source.registry.ref.slice(0, prefix.length), prefix);
        assert.deepEqual(inputs["platforms"], [platform.replace("-", "/")]);
    }
});

test("builds what only writes the cache from the app's build, which has just run every step", async () => {
    await save("rerun", {
        noCache: true,
        preview: PreviewMode.Build,
        cache: { carryMounts: true, backend: CacheBackend.Registry },
    });
    const child = declared.resources.find(({ name }) => name === "rerun-cache");
    assert.equal(child?.inputs["noCache"], undefined);
    assert.deepEqual(child?.inputs["cacheFrom"], []);
});

test("saves the mounts without a cache when the images are built without one", async () => {
    assert.equal((await save("fresh", { noCache: true })).inputs["noCache"], true);
    assert.equal("noCache" in (await save("usual")).inputs, false);
});
