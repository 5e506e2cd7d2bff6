import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheBackend } from "../../../src/cache/backend";
import type { ImageProjectArgs } from "../../../src/project/args";
import { planImageProject } from "../../../src/project/plan";

const surroundings = {
    configUrl: "https://harbor.example.com",
    environmentUrl: undefined,
    explicitProvider: false,
};

/** Paths of the faults, with the beginnings of their messages. */
function faults(args: Partial<ImageProjectArgs>): [string, string][] {
    const decision = planImageProject({ name: "shop", ...args }, surroundings);
    return "faults" in decision
        ? decision.faults.map(({ path, message }) => [path, message.slice(0, 40)])
        : [];
}

function paths(args: Partial<ImageProjectArgs>): string[] {
    return faults(args).map(([path]) => path);
}

test("reports no faults for valid arguments", () => {
    assert.deepEqual(
        faults({
            deploymentSecurity: "critical",
            immutableTags: ["v*"],
            retention: { cacheDays: -1, images: { days: 1, count: 1, tags: ["v*"] } },
            cache: { project: "shop-cache", backend: CacheBackend.Inline, storageQuota: 5 },
            credentials: { push: { username: "robot$ci", password: "x" } },
        }),
        [],
    );
});

test("reports all faults together", () => {
    assert.deepEqual(
        paths({
            name: "Shop",
            deploymentSecurity: "severe" as "high",
            immutableTags: ["v*", "a,b"],
            retention: { cacheDays: 0, images: { days: 0.5, count: 0, tags: [""] } },
            cache: { storageQuota: 5, import: "/projects/7" },
            registry: "https://harbor.example.com",
        }),
        [
            "deploymentSecurity",
            "name",
            "immutableTags[1]",
            "retention.cacheDays",
            "retention.images.days",
            "retention.images.count",
            "retention.images.tags[0]",
            "cache.storageQuota",
            "cache.import",
            "registry",
        ],
    );
});

test("reports a retention that would delete what was just pushed", () => {
    assert.deepEqual(
        faults({ retention: { cacheDays: 0, images: { days: 0, count: 0 } } }),
        ["retention.cacheDays", "retention.images.days", "retention.images.count"].map((path) => [
            path,
            "0 would delete what was just pushed; exp",
        ]),
    );
});

test("reports a caches' project with an invalid name, and a quota for caches in the images' project", () => {
    assert.deepEqual(paths({ cache: { project: "Shop" } }), ["cache.project"]);
    assert.deepEqual(paths({ cache: { project: "shop" } }), []);
    assert.deepEqual(paths({ cache: { project: "shop", storageQuota: 5 } }), [
        "cache.storageQuota",
    ]);
});

test("stores the caches in the images' project when cache.project names that project", () => {
    const planOf = (cache: ImageProjectArgs["cache"]) => {
        const decision = planImageProject({ name: "shop", cache }, surroundings);
        return "plan" in decision ? decision.plan : undefined;
    };
    assert.deepEqual(planOf({ project: "shop" }), planOf({}));
});

test("reports a reviews' project that holds what reviews must not change", () => {
    const decision = planImageProject(
        { name: "shop", reviews: { project: "shop", days: 0 } },
        surroundings,
    );
    assert.deepEqual("faults" in decision && decision.faults, [
        {
            path: "reviews.project",
            message: `"shop" is the project of main's images, to which review stacks could push. Expected a project of its own. Fix: use another name, such as "shop-reviews"`,
        },
        {
            path: "reviews.days",
            message: "0 would delete what was just pushed; expected a whole number of days from 1",
        },
    ]);
    const caches = { cache: { project: "shop-cache" }, reviews: { project: "shop-cache" } };
    assert.deepEqual(faults(caches), [
        ["reviews.project", `"shop-cache" is the project of main's caches`.slice(0, 40)],
    ]);
    assert.deepEqual(paths({ reviews: { project: "Shop" } }), ["reviews.project"]);
    assert.deepEqual(paths({ existing: true, reviews: { project: "x" } }), ["reviews"]);
});

test("reports an account or a password for reviews without a project for them", () => {
    const review = { username: "ci", password: "x" };
    assert.deepEqual(faults({ credentials: { review }, secrets: { review: "x" } }), [
        ["credentials.review", "applies to no account, because reviews is not set".slice(0, 40)],
        ["secrets.review", "is the password of a robot account that c".slice(0, 40)],
        ["secrets.review", "applies to no account, because reviews is not set".slice(0, 40)],
    ]);
    const shop = { ...review, username: "robot$shop+ci" };
    assert.deepEqual(paths({ reviews: { project: "x" }, credentials: { review: shop } }), [
        "credentials.review.username",
    ]);
});

test("reports arguments of an existing project that only the declaring stack can set", () => {
    assert.deepEqual(
        paths({
            existing: true,
            import: "/projects/7",
            public: true,
            storageQuota: 5,
            vulnerabilityScanning: true,
            autoSbomGeneration: true,
            cveAllowlists: [],
            immutableTags: ["v*"],
            retention: {},
            cache: { project: "shop-cache", storageQuota: 1, import: "/projects/8" },
            retainImages: true,
        }),
        [
            "import",
            "public",
            "storageQuota",
            "vulnerabilityScanning",
            "autoSbomGeneration",
            "cveAllowlists",
            "immutableTags",
            "retention",
            "cache.storageQuota",
            "cache.import",
            "retainImages",
        ],
    );
});

test("derives the form of the cache from an existing project's policies", () => {
    const decision = planImageProject(
        { name: "shop", existing: true, deploymentSecurity: "high" },
        surroundings,
    );
    assert.ok("plan" in decision);
    assert.equal(decision.plan.backend, CacheBackend.Registry);
});

test("reports content trust without a place for caches, with the fix", () => {
    const decision = planImageProject(
        { name: "shop", enableContentTrustCosign: true },
        surroundings,
    );
    assert.ok("faults" in decision);
    assert.deepEqual(decision.faults, [
        {
            path: "cache.project",
            message:
                "content trust blocks every artifact without a signature, and only images with sign have " +
                "signed caches. If every image of the project has sign, set cache.project to the name of " +
                "this project, with content trust for cosign only. Otherwise give the caches their own " +
                'project, for example "shop-cache"; its robot accounts then require a system ' +
                "administrator of Harbor, or set credentials.push and credentials.read",
        },
    ]);
});

test("allows signed caches under cosign's content trust alone, in a project that the program confirms", () => {
    const confirmed = { enableContentTrustCosign: true, cache: { project: "shop" } } as const;
    assert.deepEqual(paths(confirmed), []);
    assert.deepEqual(paths({ ...confirmed, enableContentTrust: true }), ["cache.project"]);
});

test("reports an inline cache under vulnerability prevention", () => {
    const args = { deploymentSecurity: "low", cache: { backend: CacheBackend.Inline } } as const;
    assert.deepEqual(paths(args), ["cache.backend"]);
});

test("reports accounts without access to what they are for", () => {
    const account = { username: "robot$shop+ci", password: "x" };
    const other = { username: "robot$other+ci", password: "x" };
    assert.deepEqual(
        faults({
            cache: { project: "shop-cache" },
            credentials: { push: account, read: account, pull: account },
        }).map(([path]) => path),
        ["credentials.push.username", "credentials.read.username"],
    );
    assert.deepEqual(paths({ credentials: { pull: other } }), ["credentials.pull.username"]);
});

test("reports invalid days of robot accounts", () => {
    assert.deepEqual(paths({ robotDays: 365 }), []);
    assert.deepEqual(faults({ robotDays: 0 }), [
        ["robotDays", "0; expected a whole number of days from "],
    ]);
});

test("reports a password without a robot account", () => {
    const login = { username: "ci", password: "x" };
    assert.deepEqual(
        paths({ credentials: { push: login }, secrets: { push: "Chosen-passw0rd1" } }),
        ["secrets.push"],
    );
    assert.deepEqual(paths({ secrets: { read: "Chosen-passw0rd1" } }), ["secrets.read"]);
});
