import assert from "node:assert/strict";
import { test } from "node:test";
import { savesOf, saveWarnings } from "../../../src/hooks/mountsHook";
import { answerNoDisk, startTinyRegistry } from "../registry/tinyRegistry";

const saving = { ids: ["/a", "/b"], bytesMax: 1000 };

test("warns about each mount that is too large, has no tar, shrank or changed, by its id", () => {
    const save = { bytes: 5000, before: undefined, restore: "done" } as const;
    assert.deepEqual(
        saveWarnings(
            [
                { ...save, outcome: "saved" },
                { ...save, outcome: "tooLarge" },
            ],
            saving,
        ),
        [
            "the cache mount /b is not saved: it is larger than 1000 bytes. " +
                "Fix: raise cache.mountBytesMax, or clean the mount.",
        ],
    );
    assert.deepEqual(
        saveWarnings(
            [
                { ...save, outcome: "noTar" },
                { ...save, bytes: 20_000, before: 90_000, outcome: "shrunk" },
            ],
            saving,
        ),
        [
            "the cache mount /a is not saved: the base image of its stage has no tar. " +
                "Fix: use a base image with tar.",
            "the cache mount /b is not saved: the new save has 20000 bytes, the last one 90000, which stays. If the next save is as small, it replaces the last one.",
        ],
    );
    assert.deepEqual(saveWarnings([{ ...save, outcome: "changing" }], saving), [
        "the cache mount /a is not saved: another build on the same builder changed its files meanwhile. The last save stays, and the next build saves the mount.",
    ]);
});

test("reports nothing about saved and empty mounts", () => {
    const save = { bytes: 5000, before: undefined, restore: "done" } as const;
    assert.deepEqual(
        saveWarnings(
            [
                { ...save, outcome: "saved" },
                { ...save, outcome: "empty" },
            ],
            saving,
        ),
        [],
    );
});

test("warns once with the reason why nothing was saved", () => {
    assert.deepEqual(saveWarnings({ reason: "no disk" }, saving), [
        "the cache mounts /a, /b are not saved: no disk. The next new builder restores the last save, if there is one.",
    ]);
});

test("warns about each mount whose save could not be restored", () => {
    const save = { bytes: 5000, before: undefined, outcome: "saved" } as const;
    assert.deepEqual(
        saveWarnings(
            [
                { ...save, restore: "damaged" },
                { ...save, restore: "foreign" },
                { ...save, restore: "missing" },
            ],
            { ...saving, ids: ["/a", "/b", "/c"] },
        ),
        [
            "the cache mount /a was not restored: its save is damaged. The build started with an empty mount.",
            "the cache mount /b was not restored: its save is from another architecture or another program. The build started with an empty mount.",
            "the cache mount /c was not restored: its save is missing in the registry. The build started with an empty mount.",
        ],
    );
});

test("drops the earlier saves before a build with noCache, or else instead of keeping its saves", async (t) => {
    let isBroken = false;
    const registry = await startTinyRegistry({
        projects: { shop: "private" },
        accounts: { ci: { password: "secret", rights: { shop: ["pull", "push"] } } },
        before: ({ method }, response) => {
            if (isBroken && method === "PUT") answerNoDisk(response);
            return isBroken && method === "PUT";
        },
    });
    t.after(() => registry.close());
    const reference = (tag: string) => `${registry.host}/shop/fm/cache:${tag}`;
    const references = {
        candidate: reference("save"),
        kept: reference("mounts"),
        fallbacks: [reference("main")],
        cache: reference("dev"),
    };
    const login = { username: "ci", password: "secret" };
    const inputs = { tags: [], cacheTo: [], cacheFrom: [], builder: undefined, login: () => login };
    const options = { url: registry.url, retry: { attemptsMax: 1 } };
    /** The requests of one build's hooks that write a manifest or read the candidate, and the result. */
    const build = async (noCache: boolean, repair = () => {}) => {
        registry.requests.splice(0);
        const { drop, keep } = savesOf(references, 1, options);
        await drop({ ...inputs, noCache });
        repair();
        const kept = await keep({ ...inputs, noCache });
        const wanted = /PUT .*manifests|GET .*(?:save|main)$/;
        return {
            // Each session asks once without a token.
            requests: [...new Set(registry.requests.filter((one) => wanted.test(one)))],
            reason: "reason" in kept ? kept.reason : undefined,
        };
    };
    const path = (tag: string) => `/v2/shop/fm/cache/manifests/${tag}`;
    const dropped = [`PUT ${path("mounts")}`, `PUT ${path("save")}`];
    const none = "their cache has 0 of 1 saves where BuildKit 0.31 has them";
    assert.deepEqual(await build(true), {
        requests: [...dropped, `GET ${path("save")}`],
        reason: none,
    });
    assert.deepEqual(await build(false), {
        requests: [`GET ${path("save")}`, `GET ${path("main")}`],
        reason: none,
    });
    isBroken = true;
    const repair = () => {
        isBroken = false;
    };
    const { requests, reason } = await build(true, repair);
    assert.deepEqual(requests.slice(-2), dropped);
    assert.equal(reason, "earlier saves, which noCache does not trust, were dropped with it");
    assert.equal(requests.filter((one) => one.startsWith("GET")).length, 0);
});
