import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "../../../src/image/args";
import { planCachedImage } from "../../../src/image/plan";
import { newKey } from "../../support/signingKeys";
import { writeFolder } from "../../support/tinyProject";

const folder = writeFolder({
    Dockerfile: "FROM alpine\nCOPY conf.txt /\n",
    "conf.txt": "",
    "cycle/Dockerfile":
        "FROM alpine AS a\nCOPY --from=b /x /\nFROM alpine AS b\nCOPY --from=a /x /\n",
    "hidden/Dockerfile": "FROM alpine\nCOPY conf.txt /\n",
    "hidden/conf.txt": "",
    "hidden/.dockerignore": "*.txt\n",
    "broken/Dockerfile": "FROM alpine\nRUNN make\nCOPY a\n",
});

/** Every fault as `path: message`, the folder's own name left out. */
function faults(args: Partial<CachedImageArgs>): readonly string[] {
    const all = { project: { name: "shop" }, context: folder, ...args };
    const decision = planCachedImage("fm", all, {
        stack: "dev",
        configUrl: "https://harbor.example.com",
        environmentUrl: undefined,
        explicitProvider: false,
    });
    return "faults" in decision
        ? decision.faults.map(({ path, message }) => `${path}: ${message.replaceAll(folder, "")}`)
        : [];
}

test("reports no faults for valid arguments", () => {
    assert.deepEqual(faults({}), []);
});

test("reports faults of the Dockerfile with file and line", () => {
    assert.deepEqual(faults({ context: join(folder, "cycle") }), [
        "dockerfile: /cycle/Dockerfile: line 2: stages depend on each other: a → b → a",
    ]);
    assert.deepEqual(faults({ context: join(folder, "hidden") }), [
        'dockerfile: /hidden/Dockerfile: line 2: COPY conf.txt: line 1 of .dockerignore ("*.txt") ' +
            'excludes it; narrow that pattern or add "!conf.txt" after it',
    ]);
    assert.deepEqual(faults({ context: join(folder, "broken") }), [
        "dockerfile: /broken/Dockerfile: line 2: unknown instruction RUNN; did you mean RUN?",
        "dockerfile: /broken/Dockerfile: line 3: COPY a: expected at least one source and a destination",
    ]);
});

test("reports a private key in place of a public one, and a cache that nobody would sign", () => {
    const { key, publicKey } = newKey("p256");
    const unsigned =
        "cache.publicKeys: this stack writes its own cache, and no later build would use it without a signature. " +
        "Expected a private key, or a stack that only reads. Fix: set sign, or cache.write to false";
    assert.deepEqual(faults({ cache: { publicKeys: [publicKey] } }), [unsigned]);
    assert.deepEqual(faults({ cache: { publicKeys: [publicKey], write: false } }), []);
    assert.deepEqual(faults({ cache: { publicKeys: [publicKey] }, sign: { key } }), []);
    assert.deepEqual(faults({ cache: { publicKeys: [publicKey, key] }, sign: { key } }), [
        "cache.publicKeys[1]: is not a public key. Expected a PEM text that begins with -----BEGIN PUBLIC KEY-----, " +
            "such as the content of cosign.pub. Fix: pass the content of the file",
    ]);
});

test("reports several platforms in a project with content trust", () => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const project = { name: "shop", contentTrust: true, existing: true };
    assert.deepEqual(faults({ platforms: ["linux/amd64"], project }), []);
    assert.deepEqual(faults({ platforms, project: { ...project, contentTrust: false } }), []);
    assert.deepEqual(faults({ platforms, project }), [
        'platforms: 2 platforms in the project "shop" with content trust; expected one, because docker-build ' +
            "reads their index before it can be signed. Fix: declare a component for each platform, with its own image, " +
            "or use a project without content trust",
    ]);
});

test("reports a label in both arguments, unless only the program's run knows it", () => {
    const twice = { labels: { "a.b": "1", c: "2" }, buildLabels: { "a.b": "3", d: "4" } };
    assert.deepEqual(faults(twice), [
        'buildLabels["a.b"]: labels also sets this label; set it in only one of the two',
    ]);
    assert.deepEqual(faults({ ...twice, labels: pulumi.output(twice.labels) }), []);
});

test("reports a context that is a file and a missing named context by their arguments", () => {
    assert.deepEqual(faults({ context: join(folder, "conf.txt") }), [
        "context: /conf.txt: this is a file; expected the folder of a build context",
    ]);
    assert.deepEqual(faults({ namedContexts: { lib: join(folder, "absent") } }), [
        "namedContexts.lib: /absent: the folder does not exist",
    ]);
});

test("reports faults of arguments and of the Dockerfile and conflicts together", () => {
    assert.deepEqual(
        faults({
            project: { name: "shop", existing: true },
            retainImages: false,
            context: join(folder, "cycle"),
            platforms: ["linux/amd65", "linux/arm64", "linux/arm64"],
            cache: { scope: "main", fallbackScopes: ["", "old", "old"] },
        }).map((fault) => fault.slice(0, fault.indexOf(":"))),
        [
            "platforms[0]",
            "platforms[2]",
            "cache.fallbackScopes[0]",
            "cache.fallbackScopes[2]",
            "retainImages",
            "dockerfile",
        ],
    );
});

test("reports cache sources that are not references or are duplicates, by their index", () => {
    const good = [
        "alpine",
        "harbor.example.com:8443/shop/fm/cache:main",
        `h.example.com/a/b@sha256:${"0".repeat(64)}`,
    ];
    assert.deepEqual(faults({ cache: { sources: good } }), []);
    assert.deepEqual(
        faults({
            cache: {
                sources: ["", "h.example.com/Shop/fm:1", "alpine", "alpine", "type=registry,ref=a"],
            },
        }),
        [
            'cache.sources[0]: "" is not an image reference: "" is not allowed in a repository name, which is lower case; expected one such as "registry.example.com/shop/fm/cache:main"',
            'cache.sources[1]: "h.example.com/Shop/fm:1" is not an image reference: "Shop" is not allowed in a repository name, which is lower case; expected one such as "registry.example.com/shop/fm/cache:main"',
            'cache.sources[4]: "type=registry,ref=a" is not an image reference: "type=registry,ref=a" is not allowed in a repository name, which is lower case; expected one such as "registry.example.com/shop/fm/cache:main"',
            'cache.sources[3]: "alpine" is a duplicate; remove it',
        ],
    );
});

test("reports scopes that are empty or duplicates, and encodes long and odd ones", () => {
    assert.deepEqual(faults({ cache: { scope: "", fallbackScopes: ["main", ""] } }), [
        'cache.scope: empty; expected a name such as "main"',
        'cache.fallbackScopes[1]: empty; expected a name such as "main"',
    ]);
    assert.deepEqual(faults({ cache: { scope: "main", fallbackScopes: ["prod", "main"] } }), []);
    assert.deepEqual(faults({ cache: { fallbackScopes: ["main", "main"] } }), [
        'cache.fallbackScopes[1]: "main" is a duplicate; remove it',
    ]);
    // One program serves the stack that the others fall back to.
    assert.deepEqual(faults({ cache: { fallbackScopes: ["dev"] } }), []);
    assert.deepEqual(
        faults({ cache: { scope: "x".repeat(300), fallbackScopes: ["Feature/ä"] } }),
        [],
    );
});

test("reports a fallback project without scopes, and an invalid name of one", () => {
    assert.deepEqual(faults({ cache: { fallbackProject: "shop-main" } }), [
        'cache.fallbackProject: "shop-main" without scopes. Expected the scopes to read there as well. Fix: set cache.fallbackScopes, for example ["main"]',
    ]);
    assert.deepEqual(
        faults({ cache: { fallbackProject: "Main", fallbackScopes: ["main"] } }).map((fault) =>
            fault.slice(0, 44),
        ),
        ['cache.fallbackProject: "Main" cannot be used'],
    );
    const own = { fallbackProject: "shop", fallbackScopes: ["main"] };
    assert.deepEqual(faults({ cache: own }), []);
});

test("reports a robot account of another project, and an account without a name", () => {
    const given = (username: string, cacheProject?: string) =>
        faults({
            credentials: { username, password: "x" },
            ...(cacheProject === undefined ? {} : { cache: { project: cacheProject } }),
        });
    assert.deepEqual(given("robot$shop+ci"), []);
    assert.deepEqual(given("jane", "shop-cache"), []);
    assert.deepEqual(given("robot$other+ci"), [
        'credentials.username: "robot$other+ci" is a robot account of project "other" alone and does not reach "shop"; use a system-level robot account, or a user with access to all of them',
    ]);
    assert.deepEqual(given("robot$shop+ci", "shop-cache"), [
        'credentials.username: "robot$shop+ci" is a robot account of project "shop" alone and does not reach "shop-cache"; use a system-level robot account, or a user with access to all of them',
    ]);
    assert.deepEqual(given(""), [
        'credentials.username: empty; expected the full name of an account, such as "robot$shop+ci"',
    ]);
});

test("reports invalid days of a robot account, and days without a robot account", () => {
    assert.deepEqual(faults({ robotDays: 30 }), []);
    assert.deepEqual(faults({ robotDays: -1 }), []);
    for (const days of [0, -2, 1.5]) {
        assert.deepEqual(faults({ robotDays: days }), [
            `robotDays: ${days}; expected a whole number of days from 1, or -1 (forever)`,
        ]);
    }
    assert.deepEqual(faults({ robotDays: 30, credentials: { username: "ci", password: "x" } }), [
        "robotDays: applies to the component's robot account, which credentials replace; set only one of the two",
    ]);
});

test("rejects a duplicate platform, also in another spelling", () => {
    assert.deepEqual(faults({ platforms: ["linux/arm", "arm64", "Linux/x86_64"] }), []);
    assert.deepEqual(
        faults({
            platforms: ["linux/arm", "linux/arm64/v8", "linux/arm/v7", "linux/arm64", "linux/arm"],
        }),
        [
            'platforms[2]: "linux/arm/v7" is the same platform as "linux/arm"; remove one of the two',
            'platforms[3]: "linux/arm64" is the same platform as "linux/arm64/v8"; remove one of the two',
            'platforms[4]: "linux/arm" is a duplicate; remove it',
        ],
    );
    assert.deepEqual(faults({ platforms: ["linux", "linux/arm/v7/x", "linux/amd64/x"] }), [
        'platforms[0]: "linux" is not a platform that docker-build knows, such as "linux/amd64"',
        'platforms[1]: "linux/arm/v7/x" is not a platform that docker-build knows, such as "linux/amd64"',
        'platforms[2]: "linux/amd64/x" is not a platform that docker-build knows, such as "linux/amd64"; did you mean "linux/amd64"?',
    ]);
});

test("rejects a first tag that is too long with its platform suffix", () => {
    const tags = ["a".repeat(117), "b".repeat(128)];
    assert.deepEqual(faults({ tags, platforms: ["linux/amd64"] }), []);
    assert.deepEqual(faults({ tags, platforms: ["linux/arm", "linux/amd64"] }), [
        "tags[0]: too long (117 characters). Each platform's image has this tag followed by the platform, and a tag may have 128 characters. Shorten it by 2.",
    ]);
    const short = { tags: ["a".repeat(115)], platforms: ["linux/arm", "linux/amd64"] };
    assert.deepEqual(faults(short), []);
});

test("rejects duplicate tags and ssh ids", () => {
    assert.deepEqual(faults({ tags: ["1", "latest", "1"], ssh: [{}, { id: "default" }] }), [
        'tags[2]: "1" is a duplicate; remove it',
        'ssh[1]: "default" is a duplicate; remove it',
    ]);
});

test("rejects a limit for saved mounts that is not a whole number", () => {
    for (const mountBytesMax of [Infinity, Number.NaN, 0.5, -1, 2 ** 60]) {
        assert.deepEqual(faults({ cache: { mountBytesMax } }), [
            `cache.mountBytesMax: ${mountBytesMax} is not a number of bytes. Expected a whole number, such as 2 ** 31 for 2 GiB`,
        ]);
    }
    assert.deepEqual(faults({ cache: { mountBytesMax: 2 ** 31 } }), []);
});

test("rejects context limits below zero", () => {
    assert.deepEqual(faults({ contextLimits: { filesMax: -1, bytesMax: Number.NaN } }), [
        "contextLimits.filesMax: -1 is not a limit; expected 0 or more, or Infinity for no limit",
        "contextLimits.bytesMax: NaN is not a limit; expected 0 or more, or Infinity for no limit",
    ]);
    assert.deepEqual(faults({ contextLimits: { filesMax: 0, bytesMax: Infinity } }), []);
});

test("refuses to carry mounts without a cache manifest", () => {
    assert.deepEqual(faults({ cache: { carryMounts: true, backend: "images" } }), [
        "cache.carryMounts: the mounts are attached to the stack's cache manifest, which CacheBackend.Images does not write. Set only one of the two",
    ]);
});
