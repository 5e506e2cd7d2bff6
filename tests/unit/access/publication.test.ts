import assert from "node:assert/strict";
import { before, mock, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { publicationWarning } from "../../../src/access/publication";
import type { CachedImage, ImageProject } from "../../../src/index";
import { known, mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

const given = { project: "shop", cacheProject: undefined, isPublic: false, hasPullAccount: false };
let components: { CachedImage: typeof CachedImage; ImageProject: typeof ImageProject };

before(async () => {
    await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    components = require("../../../src/index");
});

test("warns about caches that everyone or clusters can pull, with the fix", () => {
    const text = (readers: string) =>
        `cache.project: ${readers}. Caches contain what builder stages read and write: source code, keys and private modules. Fix: set cache.project to a project for caches, such as "shop-cache", or to "shop" to keep the caches there without this warning.`;
    assert.equal(
        publicationWarning({ ...given, isPublic: true, hasPullAccount: true }),
        text('project "shop" is public, so everyone can pull the caches in it'),
    );
    assert.equal(
        publicationWarning({ ...given, hasPullAccount: true }),
        text('the account for clusters can pull the caches in project "shop"'),
    );
});

test("accepts caches that only builds can pull, and caches whose place is given", () => {
    assert.equal(publicationWarning(given), undefined);
    const open = { ...given, isPublic: true, hasPullAccount: true };
    assert.equal(publicationWarning({ ...open, cacheProject: "shop-cache" }), undefined);
    assert.equal(publicationWarning({ ...open, cacheProject: "shop" }), undefined);
});

/** The readers in the warnings of what is declared. */
async function readers(declare: () => pulumi.Output<unknown>): Promise<readonly string[]> {
    const warn = mock.method(console, "warn", () => undefined);
    try {
        await known(declare());
        await new Promise((resolve) => setTimeout(resolve, 50));
        return warn.mock.calls
            .map(({ arguments: [line] }) => String(line))
            .map((line) => / cache\.project: (.+?)\. Caches contain/.exec(line)?.[1] ?? line);
    } finally {
        warn.mock.restore();
    }
}

test("an image project warns unless it has a project for caches", async () => {
    const project = (name: string, cache = {}) =>
        new components.ImageProject(name, { name: "shop", cache }).pullSecret;
    assert.deepEqual(await readers(() => project("one")), [
        'the account for clusters can pull the caches in project "shop"',
    ]);
    assert.deepEqual(await readers(() => project("two", { project: "shop-cache" })), []);
});

test("an image warns about a public project, once that is known, unless it writes no cache there", async () => {
    const context = writeFolder({ Dockerfile: "FROM alpine\n" });
    const image = (name: string, open: pulumi.Input<boolean>, cache = {}) =>
        new components.CachedImage(name, {
            project: { name: "shop", public: open },
            context,
            cache,
        }).ref;
    const everyone = ['project "shop" is public, so everyone can pull the caches in it'];
    assert.deepEqual(await readers(() => image("a", true)), everyone);
    assert.deepEqual(await readers(() => image("b", pulumi.output(true))), everyone);
    assert.deepEqual(await readers(() => image("c", pulumi.output(false))), []);
    assert.deepEqual(await readers(() => image("d", true, { write: false })), []);
    assert.deepEqual(await readers(() => image("e", true, { project: "shop-cache" })), []);
});
