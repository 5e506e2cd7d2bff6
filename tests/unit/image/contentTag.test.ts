import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "../../../src/image/args";
import { planCachedImage } from "../../../src/image/plan";
import { writeFolder } from "../../support/tinyProject";

const context = writeFolder({
    Dockerfile:
        "FROM scratch AS unused\nARG OTHER\nFROM scratch AS app\nARG V\nCOPY --from=lib /a /\n",
});
const lib = "docker-image://lib:1";

function tagOf(args: Partial<CachedImageArgs>): string | undefined {
    const all = { project: { name: "shop" }, context, tagByContent: true, ...args };
    const namedContexts = { lib, ...args.namedContexts };
    const decision = planCachedImage(
        "fm",
        { ...all, namedContexts },
        {
            stack: "dev",
            configUrl: "https://harbor.example.com",
            environmentUrl: undefined,
            explicitProvider: false,
        },
    );
    return "plan" in decision ? decision.plan.contentTag : decision.faults[0]?.message;
}

const same = tagOf({});

test("changes with everything that affects the image", () => {
    const others: Partial<CachedImageArgs>[] = [
        { namedContexts: { lib: "docker-image://lib:2" } },
        { namedContexts: { lib: "https://example.com/lib.git#v1" } },
        { buildArgs: { V: "1" } },
        { buildArgs: { V: "2" } },
        { buildArgs: { BUILDKIT_MULTI_PLATFORM: "1" } },
        { buildArgs: { SOURCE_DATE_EPOCH: "0" } },
        { platforms: ["linux/amd64"] },
        { platforms: ["linux/arm"] },
        { platforms: ["linux/amd64", "linux/arm"] },
        { target: "unused" },
        { slicing: "whole" },
        { labels: { a: "1" } },
        { labels: { a: "2" } },
        { network: "none" },
        { extraHosts: ["a:10.0.0.1", "b:10.0.0.2"] },
        { extraHosts: ["b:10.0.0.2", "a:10.0.0.1"] },
        { buildArgs: { BUILDKIT_SANDBOX_HOSTNAME: "h" } },
    ];
    const tags = others.map(tagOf);
    for (const tag of tags) {
        assert.match(tag ?? "", /^src-[0-9a-f]{32}$/);
    }
    assert.equal(new Set([same, ...tags]).size, others.length + 1);
});

test("stays the same for everything else", () => {
    assert.match(same ?? "", /^src-[0-9a-f]{32}$/);
    const others: Partial<CachedImageArgs>[] = [
        { namedContexts: { unread: "docker-image://tools" } },
        { buildArgs: { OTHER: "1" } },
        { target: "app" },
        { secrets: { token: "x" }, cache: { scope: "main" }, tags: ["1"], ssh: [{}] },
        { buildArgs: { HTTPS_PROXY: "http://proxy:3128", no_proxy: "a" } },
        { buildArgs: { BUILDKIT_CACHE_MOUNT_NS: "team" } },
        { buildArgs: { no_proxy: pulumi.output("a") } },
        { buildLabels: { run: "1" } },
        { labels: {}, network: "default", extraHosts: [] },
        { noCache: true, pull: true },
    ];
    assert.deepEqual(
        others.map(tagOf),
        others.map(() => same),
    );
    assert.equal(tagOf({ platforms: ["linux/arm"] }), tagOf({ platforms: ["linux/arm/v7"] }));
    const [one, two] = [
        { V: "1", HTTP_PROXY: "p" },
        { HTTP_PROXY: "p", V: "1" },
    ];
    assert.equal(tagOf({ buildArgs: one }), tagOf({ buildArgs: two }));
});

test("counts a proxy and the namespace of cache mounts if the Dockerfile declares them", () => {
    const dockerfileInline = "FROM scratch\nARG no_proxy\nARG BUILDKIT_CACHE_MOUNT_NS\n";
    const given: Record<string, string>[] = [
        {},
        { no_proxy: "a" },
        { NO_PROXY: "a" },
        { BUILDKIT_CACHE_MOUNT_NS: "team" },
    ];
    const tags = given.map((buildArgs) => tagOf({ buildArgs, dockerfileInline }));
    assert.deepEqual(
        tags.map((tag) => tags.indexOf(tag)),
        [0, 1, 0, 3],
    );
});

test("counts added cache mounts, and not the steps that carry mounts", () => {
    const text = (mount: string) => `FROM golang AS app\nRUN ${mount}go build\n`;
    const tag = (dockerfileInline: string, more: Partial<CachedImageArgs> = {}) =>
        tagOf({ dockerfileInline, ...more });
    const mount = "--mount=type=cache,target=/root/.cache ";
    const carrying = { cache: { carryMounts: true } };
    assert.equal(tag(text(mount), carrying), tag(text(mount)));
    const cacheMounts = { app: ["/root/.cache"] };
    assert.notEqual(tag(text(""), { cacheMounts }), tag(text("")));
    assert.equal(tag(text(""), { cacheMounts, ...carrying }), tag(text(""), { cacheMounts }));
});

test("changes with a folder of a named context, and not with a pinned stage of an image's name", () => {
    const folder = writeFolder({ a: "1" });
    const namedContexts = { lib: folder };
    const before = tagOf({ namedContexts });
    const other = writeFolder({ a: "2" });
    const changed = tagOf({ namedContexts: { lib: other } });
    assert.notEqual(before, changed);
    const dockerfileInline = "FROM alpine AS alpine\nFROM alpine\n";
    assert.equal(
        tagOf({ dockerfileInline, baseImages: "pin" }),
        tagOf({ dockerfileInline, baseImages: "float" }),
    );
});

test("rejects values that are known only later, with the names of their arguments", () => {
    const refusal = (names: string) =>
        `the tag depends on values that are known only when the program runs (${names}), and must be known before. Pass plain strings, or remove tagByContent`;
    const later = pulumi.output("1");
    assert.equal(tagOf({ buildArgs: { V: later } }), refusal("buildArgs"));
    assert.equal(tagOf({ labels: { a: later } }), refusal("labels"));
    assert.equal(tagOf({ labels: pulumi.output({ a: "1" }) }), refusal("labels"));
    assert.equal(tagOf({ extraHosts: pulumi.output(["a:1"]) }), refusal("extraHosts"));
    assert.equal(
        tagOf({
            extraHosts: [later],
            buildArgs: { V: later },
            platforms: ["linux/arm", "linux/amd64"],
        }),
        refusal("buildArgs, extraHosts"),
    );
    assert.equal(tagOf({ buildArgs: { OTHER: later } }), same);
});

test("rejects a named context that is not an image reference", () => {
    assert.equal(
        tagOf({ namedContexts: { lib: "docker-image://Lib" } }),
        '"Lib" is not an image reference: "Lib" is not allowed in a repository name, which is lower case',
    );
});
