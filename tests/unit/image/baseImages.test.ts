import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImage, CachedImageArgs } from "../../../src/index";
import { type Declarations, known, mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

const registry = "harbor.example.com";
const context = writeFolder({
    Dockerfile:
        "FROM golang:1.26 AS build\nRUN go build\nFROM alpine AS alpine\n" +
        "COPY --from=build /app /\nCOPY --from=nginx:1 /etc/nginx /etc/nginx\n",
});
/** The digest in tests without an engine. */
const digestOf = (reference: string) =>
    `sha256:${createHash("sha256").update(reference).digest("hex")}`;

const location = (reference: string) => ({
    location: `docker-image://${reference}@${digestOf(reference)}`,
});

let declared: Declarations;
let api: typeof import("../../../src/index");

before(async () => {
    declared = await mockPulumi({ config: { "harbor:url": `https://${registry}` } });
    // The mocks must be set before the package loads Pulumi's resources.
    api = require("../../../src/index");
});

async function declare(name: string, args: Partial<CachedImageArgs>): Promise<CachedImage> {
    const image = new api.CachedImage(name, { project: { name: "shop" }, context, ...args });
    await known(image.ref);
    return image;
}

/** The named contexts that an image is given, by name. */
function namedContexts(image: string): unknown {
    // The component gives a context in this shape.
    const { named } = declared.find(image).inputs["context"] as { named?: unknown };
    return named;
}

test("gives images no named contexts and records no digests while base images float", async () => {
    const image = await declare("float", { baseImages: api.BaseImagePolicy.Float });
    assert.equal(namedContexts("float-stage-build"), undefined);
    assert.equal(namedContexts("float-app"), undefined);
    assert.deepEqual(await known(image.baseImages), {});
});

test("gives each image the digests of the pinned base images that its stages read", async () => {
    const image = await declare("pinned", { baseImages: api.BaseImagePolicy.Pin });
    assert.deepEqual(namedContexts("pinned-stage-build"), {
        "golang:1.26": location("golang:1.26"),
    });
    assert.deepEqual(namedContexts("pinned-app"), {
        "alpine:latest-pinned": location("alpine:latest"),
        "golang:1.26": location("golang:1.26"),
        "nginx:1": location("nginx:1"),
    });
    assert.deepEqual(await known(image.baseImages), {
        "alpine:latest": digestOf("alpine:latest"),
        "golang:1.26": digestOf("golang:1.26"),
        "nginx:1": digestOf("nginx:1"),
    });
});

test("pins named contexts that are images, unless they name a digest", async () => {
    await declare("mixed", {
        baseImages: api.BaseImagePolicy.Pin,
        namedContexts: { golang: "docker-image://golang:1.27", "nginx:1": "docker-image://mine" },
        builderStages: [],
    });
    assert.deepEqual(namedContexts("mixed-app"), {
        "alpine:latest-pinned": location("alpine:latest"),
        "golang:1.26": location("golang:1.26"),
        "nginx:1": location("mine:latest"),
    });
});

test("pins a named context that is an image by tag for the images that read it", async () => {
    const folder = writeFolder({
        Dockerfile: "FROM scratch AS a\nFROM alpine:3\nCOPY --from=x / /\n",
    });
    const image = await declare("named", {
        context: folder,
        baseImages: api.BaseImagePolicy.Pin,
        builderStages: ["a"],
        tagByContent: true,
        namedContexts: {
            x: "docker-image://docker.io/library/alpine:3",
            unread: "docker-image://busybox",
        },
    });
    assert.equal(namedContexts("named-stage-a"), undefined);
    assert.deepEqual(namedContexts("named-app"), {
        x: location("alpine:3"),
        "alpine:3": location("alpine:3"),
    });
    assert.deepEqual(await known(image.baseImages), { "alpine:3": digestOf("alpine:3") });
    const fixed = `docker-image://alpine@sha256:${"a".repeat(64)}`;
    await declare("fixed", {
        context: folder,
        baseImages: api.BaseImagePolicy.Pin,
        namedContexts: { x: fixed },
    });
    assert.deepEqual(namedContexts("fixed-app"), {
        x: { location: fixed },
        "alpine:3": location("alpine:3"),
    });
});

test("makes a tag by content depend on the bases, in the image, its references and its index", async () => {
    const args = { tagByContent: true, tags: ["1"] };
    const pin = { ...args, baseImages: api.BaseImagePolicy.Pin };
    const float = await known((await declare("by-float", args)).references);
    const pinned = await known((await declare("by-pin", pin)).references);
    const tag = (references: readonly string[]) => references[0]?.split(":")[1] ?? "";
    assert.match(tag(float), /^src-[0-9a-f]{32}$/);
    assert.match(tag(pinned), /^src-[0-9a-f]{32}$/);
    assert.deepEqual(declared.find("by-pin-app").inputs["tags"], [
        `${registry}/shop/by-pin:${tag(pinned)}`,
        `${registry}/shop/by-pin:1`,
    ]);
    const platforms = ["linux/amd64", "linux/arm64"];
    const multi = await declare("by-index", { ...pin, platforms });
    const [first = ""] = await known(multi.references);
    assert.match(first, /:src-[0-9a-f]{32}$/);
    assert.equal(declared.find("by-index-index").inputs["tag"], first);
    // The image of a platform has the tag with the platform as a suffix.
    const [own] = declared.find("by-index-app-linux-arm64").inputs["tags"] as string[];
    assert.equal(own, `${first}-linux-arm64`);
});

test("reports why base images cannot be pinned with the line, and mirrors by their key", () => {
    const folder = writeFolder({ Dockerfile: "ARG BASE\nFROM $BASE AS build\nFROM $BASE\n" });
    const args = {
        project: { name: "shop" },
        context: folder,
        builderStages: ["build"],
        buildArgs: { BASE: pulumi.output("alpine") },
    };
    const baseImageMirrors = { "docker.io": "https://harbor.example.com", "a/b": "c.example.com" };
    const baseImages = api.BaseImagePolicy.Pin;
    const fault = (line: number) =>
        `  baseImages: ${folder}/Dockerfile: line ${line}: "FROM $BASE": the build argument BASE is known only when the program runs, ` +
        "so its base images cannot be pinned. Fix this, or use BaseImagePolicy.Float";
    assert.throws(() => new api.CachedImage("bad", { ...args, baseImages, baseImageMirrors }), {
        name: "UserError",
        message: [
            'CachedImage "bad": 4 arguments are invalid.',
            '  baseImageMirrors["docker.io"]: "https://harbor.example.com" cannot be used: expected HOST or HOST/PREFIX without scheme, such as harbor.example.com/dockerhub',
            '  baseImageMirrors["a/b"]: "a/b" cannot be used: expected HOST or HOST:PORT, without scheme and path',
            fault(2),
            fault(3),
        ].join("\n"),
    });
});
