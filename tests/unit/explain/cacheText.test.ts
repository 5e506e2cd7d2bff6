import assert from "node:assert/strict";
import { test } from "node:test";
import type { Additions } from "../../../src/explain/cacheText";
import { cacheReport } from "../../../src/explain/cacheText";
import type { CacheSourceState } from "../../../src/registry/cacheSource";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const at = (tag: string) => `harbor.example.com/shop/fm/cache:${tag}`;
const there = (tag: string): CacheSourceState => ({ reference: at(tag), status: "there", digest });
const missing = (tag: string): CacheSourceState => ({
    reference: at(tag),
    status: "missing",
    reason: `artifact shop/fm/cache:${tag} not found`,
});

const own = new Set(["dev__build", "pr-7__build", "dev"].map(at));
const report = (states: readonly CacheSourceState[], expected: readonly string[] = []) =>
    cacheReport({ states, expected: new Set(expected), own, notAsked: [] });

test("reports a first build with main's cache without a warning", () => {
    assert.deepEqual(report([missing("pr-7__build"), there("main__build")]), {
        severity: "info",
        message: "cache: pr-7__build is not written yet, main__build exists (sha256:0123456789ab…)",
    });
});

test("reports a build without any cache as cold", () => {
    assert.deepEqual(report([missing("dev__build"), missing("main__build")]), {
        severity: "info",
        message:
            "cache: dev__build is not written yet, main__build is missing; the build starts with only the builder's local cache",
    });
});

test("reports the records that are added to the stack's cache, and in a preview those that will be", () => {
    const states = [missing("dev"), there("main"), there("main__build")];
    const reportOf = (additions: Omit<Additions, "into">) =>
        cacheReport({
            states,
            expected: new Set(),
            own,
            notAsked: [],
            additions: { into: at("dev"), ...additions },
        });
    const sources =
        "cache: dev is not written yet, main exists (sha256:0123456789ab…), main__build exists (sha256:0123456789ab…)";
    assert.deepEqual(reportOf({ from: [at("main")], isAhead: false }), {
        severity: "info",
        message: `${sources}; the records of main are added to dev`,
    });
    assert.deepEqual(reportOf({ from: ["main", "main__build"].map(at), isAhead: true }), {
        severity: "info",
        message: `${sources}; the next deployment adds the records of main, main__build to dev, and a preview builds without them`,
    });
    assert.deepEqual(reportOf({ from: [at("main")], isAhead: false, reason: "no room" }), {
        severity: "warning",
        message: `${sources}; the records of main could not be added to dev, and the build starts without them: no room`,
    });
});

test("warns of a lost cache that this stack pushed, with what to check", () => {
    assert.deepEqual(report([missing("dev__build"), there("main__build")], [at("dev__build")]), {
        severity: "warning",
        message: [
            "cache: dev__build was deleted, main__build exists (sha256:0123456789ab…)",
            "  dev__build: artifact shop/fm/cache:dev__build not found. This stack pushed it before, unless a warning reported that the cache was not written. Was it deleted by hand, or by a retention rule? Rules must keep tagged artifacts of shop/fm/cache; those of an ImageProject keep them for retention.cacheDays.",
        ].join("\n"),
    });
});

test("explains sources with the same fault together", () => {
    const reason = "the login for harbor.example.com is not accepted";
    const states = ["dev", "main"].map(
        (tag): CacheSourceState => ({ reference: at(tag), status: "login refused", reason }),
    );
    assert.equal(
        report(states)?.message,
        [
            "cache: dev cannot be read (login refused), main cannot be read (login refused); the build starts with only the builder's local cache",
            "  dev, main: the login for harbor.example.com is not accepted. Use a valid login (credentials, or secrets of an ImageProject).",
        ].join("\n"),
    );
});

test("warns of each state that is always a fault, with its own advice", () => {
    const lineOf = (status: CacheSourceState["status"], reason: string) => {
        const found = report([{ reference: at("dev"), status, reason }, there("main")]);
        return [found?.severity, found?.message.split("\n")[1]];
    };
    assert.deepEqual(lineOf("without cache", "the image carries no cache"), [
        "warning",
        "  dev: the image carries no cache. Push it with an inline cache (--cache-to type=inline), or remove it from the cache sources.",
    ]);
    assert.deepEqual(lineOf("forbidden", "no login is given"), [
        "warning",
        "  dev: no login is given. Give a login for harbor.example.com whose account may pull from shop/fm/cache: credentials for the registry of the images, `docker login` on this machine for any other.",
    ]);
    assert.deepEqual(lineOf("expired", "the account expired"), [
        "warning",
        "  dev: the account expired. Use a valid login (credentials, or secrets of an ImageProject).",
    ]);
    assert.deepEqual(lineOf("blocked", "The image is not signed by cosign."), [
        "warning",
        "  dev: The image is not signed by cosign. The cache is not signed: set sign and delete its tag in Harbor, or keep the cache in a project without content trust (cache.project).",
    ]);
    assert.deepEqual(lineOf("blocked", "due to configured policy in 'Prevent images'"), [
        "warning",
        "  dev: due to configured policy in 'Prevent images'. Keep the cache as a registry cache (cache.backend: CacheBackend.Registry), which Harbor does not scan, or in a project without vulnerability prevention (cache.project); an ImageProject with deploymentSecurity set chooses a registry cache.",
    ]);
    assert.deepEqual(lineOf("not in a registry", "h answers 404 to /v2/"), [
        "warning",
        "  dev: h answers 404 to /v2/. Set registry to the host of an OCI registry, with its port, as docker login names it.",
    ]);
    assert.deepEqual(lineOf("unreachable", "the registry answered 502"), [
        "warning",
        "  dev: the registry answered 502. This machine cannot reach the registry; the builder may still reach it.",
    ]);
});

test("names sources in different repositories in full", () => {
    const other: CacheSourceState = {
        reference: "docker.io/acme/fm:cache",
        status: "there",
        digest,
    };
    assert.equal(
        report([there("dev"), other])?.message,
        `cache: ${at("dev")} exists (sha256:0123456789ab…), docker.io/acme/fm:cache exists (sha256:0123456789ab…)`,
    );
});

test("reports sources as not asked when their account comes with the deployment", () => {
    assert.deepEqual(
        cacheReport({ states: [], expected: new Set(), own, notAsked: [at("dev"), at("main")] }),
        {
            severity: "info",
            message:
                "cache: dev has not been checked yet, main has not been checked yet; their login is known only after the deployment creates it",
        },
    );
});

test("reports nothing for an image without cache sources", () => {
    assert.equal(report([]), undefined);
});

test("warns of a cache in a project that does not exist and that the stack does not push to", () => {
    const reference = "harbor.example.com/shop-main/fm/cache:main";
    const missingProject = "shop-main";
    const reason = 'project "shop-main" does not exist';
    const state = { reference, status: "missing", missingProject, reason } as const;
    assert.deepEqual(report([state]), {
        severity: "warning",
        message: [
            "cache: main is missing; the build starts with only the builder's local cache",
            '  main: project "shop-main" does not exist. Correct the name of the project, or create it.',
        ].join("\n"),
    });
    const ownProject = { ...missing("main"), missingProject: "shop" };
    assert.equal(report([ownProject])?.severity, "info");
});
