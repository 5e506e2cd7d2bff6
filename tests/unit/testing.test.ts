import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImage as Component, BaseImagePolicy as Policy } from "../../src/index";
import { imageMocks } from "../../src/testing";
import { known } from "../support/mocks";
import { writeFolder } from "../support/tinyProject";

const context = writeFolder({
    Dockerfile: "FROM golang AS build\nRUN make\nFROM alpine\nCOPY --from=build /app /\n",
});

const digestOf = (name: string) => `sha256:${createHash("sha256").update(name).digest("hex")}`;

const mocks = imageMocks();
let CachedImage: typeof Component;
let BaseImagePolicy: typeof Policy;

before(async () => {
    pulumi.runtime.setConfig("harbor:url", "https://harbor.example.com");
    await pulumi.runtime.setMocks(mocks);
    // The mocks must be set before the package loads Pulumi's resources.
    ({ CachedImage, BaseImagePolicy } = require("../../src/index"));
});

test("tests a program with components without engine, BuildKit and Harbor", async () => {
    const image = new CachedImage("fm", { project: { name: "shop" }, context, tags: ["1"] });
    assert.equal(await known(image.ref), `harbor.example.com/shop/fm:1@${digestOf("fm-app")}`);
    assert.deepEqual(
        mocks.resources.map(({ type, name }) => [type, name]),
        [
            ["harbor-build:index:CachedImage", "fm"],
            ["harbor:index/project:Project", "fm-project"],
            ["harbor:index/robotAccount:RobotAccount", "fm-robot"],
            ["docker-build:index:Image", "fm-stage-build"],
            ["docker-build:index:Image", "fm-app"],
        ],
    );
    const registries = await known(
        pulumi.output(mocks.resources.find(({ name }) => name === "fm-app")?.inputs["registries"]),
    );
    assert.deepEqual(registries, [
        {
            address: "harbor.example.com",
            username: "robot$fm-robot",
            password: "secret-of-fm-robot",
        },
    ]);
});

test("derives the digest of a pinned base image from its name, without asking a registry", async () => {
    const baseImages = BaseImagePolicy.Pin;
    const image = new CachedImage("pinned", { project: { name: "shop" }, context, baseImages });
    assert.deepEqual(await known(image.baseImages), {
        "alpine:latest": digestOf("alpine:latest"),
        "golang:latest": digestOf("golang:latest"),
    });
});

test("returns a digest for the index of several platforms", async () => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const image = new CachedImage("multi", { project: { name: "shop" }, context, platforms });
    assert.equal(await known(image.digest), digestOf("multi-index"));
});
