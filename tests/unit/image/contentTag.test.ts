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
        { buildArgs: { HTTPS_PROXY: "http://proxy:3128" } },
        { buildArgs: { BUILDKIT_MULTI_PLATFORM: "1" } },
        { buildArgs: { SOURCE_DATE_EPOCH: "0" } },
        { platforms: ["linux/amd64"] },
        { platforms: ["linux/arm"] },
        { platforms: ["linux/amd64", "linux/arm"] },
        { target: "unused" },
        { slicing: "whole" },
    ];
    const tags = others.map(tagOf);
    for (const tag of tags) {
        assert.match(tag ?? "", /^src-[0-9a-f]{12}$/);
    }
    assert.equal(new Set([same, ...tags]).size, others.length + 1);
});

test("stays the same for everything else", () => {
    assert.match(same ?? "", /^src-[0-9a-f]{12}$/);
    const others: Partial<CachedImageArgs>[] = [
        { namedContexts: { unread: "docker-image://tools" } },
        { buildArgs: { OTHER: "1" } },
        { target: "app" },
        { secrets: { token: "x" }, cache: { scope: "main" }, tags: ["1"], ssh: [{}] },
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

test("rejects a build argument that is passed on and known only later", () => {
    const refused = /^the build arguments are known only when the program runs/;
    assert.match(tagOf({ buildArgs: { V: pulumi.output("1") } }) ?? "", refused);
    assert.match(tagOf({ buildArgs: { no_proxy: pulumi.output("1") } }) ?? "", refused);
    assert.equal(tagOf({ buildArgs: { OTHER: pulumi.output("1") } }), same);
});

test("rejects a named context that is not an image reference", () => {
    assert.equal(
        tagOf({ namedContexts: { lib: "docker-image://Lib" } }),
        '"Lib" is not an image reference: "Lib" is not allowed in a repository name, which is lower case',
    );
});
