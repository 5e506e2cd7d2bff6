import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { ImageProject, ImageProjectArgs } from "../../../src/index";
import { type Declarations, known, mockPulumi } from "../../support/mocks";

const registry = "harbor.example.com";
let declared: Declarations;
let Component: typeof ImageProject;

before(async () => {
    declared = await mockPulumi({ config: { "harbor:url": `https://${registry}` } });
    // The mocks must be set before the package loads Pulumi's resources.
    Component = require("../../../src/index").ImageProject;
});

async function declare(
    name: string,
    args: Partial<ImageProjectArgs> = {},
): Promise<{ project: ImageProject; children: [string, string][] }> {
    const start = declared.resources.length;
    const project = new Component(name, { name: "shop", ...args });
    await known(project.pullSecret);
    await known(project.readCredentials.username);
    await known(project.pushCredentials.username);
    const children = declared.resources
        .slice(start + 1)
        .map(({ type, name }): [string, string] => [type.replace(/^.*:/, ""), name]);
    return { project, children };
}

const pull = { resource: "repository", action: "pull" };
const push = { resource: "repository", action: "push" };

test("declares project, retention and a robot account for builds and clusters", async () => {
    const { children } = await declare("plain");
    assert.deepEqual(children.sort(), [
        ["Project", "plain-project"],
        ["RetentionPolicy", "plain-retention"],
        ["RobotAccount", "plain-pull"],
        ["RobotAccount", "plain-push"],
    ]);
});

test("makes each robot account valid for the given days", async () => {
    await declare("days", { robotDays: 30, cache: { project: "shop-cache" } });
    assert.deepEqual(
        ["push", "read", "pull"].map((role) => declared.find(`days-${role}`).inputs["duration"]),
        [30, 30, 30],
    );
});

test("makes the project private, with retention and without policies by default", async () => {
    await declare("simple");
    assert.deepEqual(declared.find("simple-project").inputs, {
        name: "shop",
        forceDestroy: false,
    });
});

test("applies policies and quota only to the project", async () => {
    await declare("strict", {
        public: true,
        storageQuota: 5,
        deploymentSecurity: "high",
        cveAllowlists: ["CVE-2026-1"],
        vulnerabilityScanning: true,
        autoSbomGeneration: true,
        retainImages: false,
    });
    assert.deepEqual(declared.find("strict-project").inputs, {
        name: "shop",
        public: true,
        storageQuota: 5,
        deploymentSecurity: "high",
        cveAllowlists: ["CVE-2026-1"],
        vulnerabilityScanning: true,
        autoSbomGeneration: true,
        forceDestroy: true,
    });
});

test("leaves its projects with their images in Harbor, unless retainImages is false", async () => {
    const apart = { cache: { project: "caches" }, reviews: { project: "reviews" } };
    await declare("staying", apart);
    await declare("leaving", { ...apart, retainImages: false });
    for (const [parent, retained] of [
        ["staying", true],
        ["leaving", false],
    ] as const) {
        for (const role of ["project", "cache-project", "review-project"]) {
            const found = declared.find(`${parent}-${role}`);
            assert.deepEqual(
                [found.parent, found.retained, found.inputs["forceDestroy"]],
                [parent, retained, !retained],
            );
        }
    }
});

test("registers its public outputs", async () => {
    await declare("complete", { reviews: { project: "reviews" } });
    const credentials = ["pull", "push", "read", "review"].map((role) => `${role}Credentials`);
    assert.deepEqual(
        Object.keys(await declared.outputs("complete")).sort(),
        [...credentials, "project", "projectId", "projectName", "pullSecret", "registry"].sort(),
    );
});

test("makes a resource that uses the name of the project wait for the project", async () => {
    const { project } = await declare("named");
    class Robots extends pulumi.CustomResource {}
    new Robots("test:index:Robots", "robots", { name: project.projectName });
    const { after, inputs } = await declared.wait("robots");
    assert.deepEqual([after, inputs], [["named-project"], { name: "shop" }]);
});

test("runs retention daily from the first day, only for caches", async () => {
    await declare("kept");
    const caches = { repoMatching: "**/cache", tagMatching: "**", untaggedArtifacts: false };
    assert.deepEqual(declared.find("kept-retention").inputs, {
        scope: "kept-project-id",
        schedule: "Daily",
        rules: [
            { ...caches, nDaysSinceLastPush: 90 },
            { ...caches, nDaysSinceLastPull: 90 },
        ],
    });
});

test("excludes caches from immutable tags", async () => {
    await declare("fixed", { immutableTags: ["**"] });
    await declare("some", { immutableTags: ["v*", "release-*"] });
    assert.deepEqual(declared.find("fixed-immutable-tags").inputs, {
        projectId: "fixed-project-id",
        repoExcluding: "**/cache",
        tagMatching: "**",
    });
    assert.equal(declared.find("some-immutable-tags").inputs["tagMatching"], "{v*,release-*}");
});

test("limits each robot account to its purpose in its project", async () => {
    await declare("least");
    assert.deepEqual(declared.find("least-push").inputs, {
        level: "project",
        description: "Pushes images and caches for stack test/dev",
        permissions: [{ kind: "project", namespace: "shop", accesses: [pull, push] }],
    });
    assert.deepEqual(declared.find("least-pull").inputs, {
        level: "project",
        description: "Pulls images for stack test/dev",
        permissions: [{ kind: "project", namespace: "shop", accesses: [pull] }],
    });
});

test("gives a project for caches only retention and no policy, with robot accounts for both projects", async () => {
    const { children } = await declare("apart", {
        enableContentTrustCosign: true,
        immutableTags: ["**"],
        cache: { project: "shop-cache", storageQuota: 10 },
    });
    assert.deepEqual(children.sort(), [
        ["ImmutableTagRule", "apart-immutable-tags"],
        ["Project", "apart-cache-project"],
        ["Project", "apart-project"],
        ["RetentionPolicy", "apart-cache-retention"],
        ["RetentionPolicy", "apart-retention"],
        ["RobotAccount", "apart-pull"],
        ["RobotAccount", "apart-push"],
        ["RobotAccount", "apart-read"],
    ]);
    assert.deepEqual(declared.find("apart-cache-project").inputs, {
        name: "shop-cache",
        storageQuota: 10,
        vulnerabilityScanning: false,
        forceDestroy: false,
    });
    const place = (namespace: string, accesses: object[]) => ({
        kind: "project",
        namespace,
        accesses,
    });
    assert.deepEqual(declared.find("apart-push").inputs["permissions"], [
        place("shop", [pull, push]),
        place("shop-cache", [pull, push]),
    ]);
    assert.deepEqual(declared.find("apart-read").inputs["permissions"], [
        place("shop", [pull]),
        place("shop-cache", [pull]),
    ]);
    assert.deepEqual(declared.find("apart-pull").inputs["permissions"], [place("shop", [pull])]);
    assert.deepEqual(
        ["push", "read", "pull"].map((role) => declared.find(`apart-${role}`).inputs["level"]),
        ["system", "system", "project"],
    );
});

test("gives reviews a project with short retention, and an account that pushes only there", async () => {
    const { project, children } = await declare("shop", {
        reviews: { project: "shop-reviews" },
        secrets: { review: pulumi.secret("Chosen-passw0rd1") },
    });
    assert.deepEqual(
        children
            .map(([, name]) => name)
            .filter((name) => name.includes("review"))
            .sort(),
        ["shop-review", "shop-review-project", "shop-review-retention"],
    );
    assert.deepEqual(declared.find("shop-review-project").inputs, {
        name: "shop-reviews",
        forceDestroy: false,
    });
    const caches = { repoMatching: "**/cache", tagMatching: "**", untaggedArtifacts: false };
    const images = { repoExcluding: "**/cache", tagMatching: "**", untaggedArtifacts: true };
    assert.deepEqual(declared.find("shop-review-retention").inputs, {
        scope: "shop-review-project-id",
        schedule: "Daily",
        rules: [
            { ...caches, nDaysSinceLastPush: 7 },
            { ...caches, nDaysSinceLastPull: 7 },
            { ...images, nDaysSinceLastPush: 7 },
            { ...images, nDaysSinceLastPull: 7 },
        ],
    });
    const { secret, ...robot } = declared.find("shop-review").inputs;
    assert.deepEqual(robot, {
        level: "system",
        description: "Pushes images and caches of reviews for stack test/dev",
        permissions: [
            { kind: "project", namespace: "shop-reviews", accesses: [pull, push] },
            { kind: "project", namespace: "shop", accesses: [pull] },
        ],
    });
    assert.equal((secret as { value: string }).value, "Chosen-passw0rd1");
    const { reviewCredentials } = project;
    assert.ok(reviewCredentials);
    assert.equal(await known(reviewCredentials.username), "robot$shop+fm-robot");
    assert.equal(await pulumi.isSecret(reviewCredentials.password), true);
    assert.equal((await declare("alone")).project.reviewCredentials, undefined);
});

test("keeps what reviews push for the given days, and uses a given account for them", async () => {
    const review = { username: "ci", password: "Given-passw0rd" };
    const { project, children } = await declare("brief", {
        reviews: { project: "shop-reviews", days: 2 },
        credentials: { review },
    });
    const rules = declared.find("brief-review-retention").inputs["rules"] as object[];
    assert.deepEqual(
        rules.map((rule) => Object.entries(rule).filter(([name]) => name.startsWith("nDays"))),
        ["Push", "Pull", "Push", "Pull"].map((kind) => [[`nDaysSinceLast${kind}`, 2]]),
    );
    assert.equal(children.map(([, name]) => name).includes("brief-review"), false);
    assert.ok(project.reviewCredentials);
    assert.equal(await known(project.reviewCredentials.username), "ci");
});

test("adds only robot accounts to an existing project", async () => {
    const { project, children } = await declare("guest", { existing: true });
    assert.deepEqual(children.sort(), [
        ["RobotAccount", "guest-pull"],
        ["RobotAccount", "guest-push"],
    ]);
    assert.equal(await known(project.projectId), "/projects/7");
});

test("replaces robot accounts by given accounts", async () => {
    const login = { username: "ci", password: "Given-passw0rd" };
    const { project, children } = await declare("given", {
        cache: { project: "shop-cache" },
        credentials: { push: login, read: login },
    });
    assert.deepEqual(
        children.filter(([type]) => type === "RobotAccount"),
        [["RobotAccount", "given-pull"]],
    );
    assert.equal(await known(project.pushCredentials.username), "ci");
    assert.equal(await known(project.readCredentials.password), "Given-passw0rd");
    assert.equal(await pulumi.isSecret(project.pushCredentials.password), true);
});

test("sets a given password only on its robot account", async () => {
    await declare("rotated", { secrets: { push: pulumi.secret("Chosen-passw0rd1") } });
    assert.equal("secret" in declared.find("rotated-pull").inputs, false);
    assert.deepEqual(declared.find("rotated-push").inputs["secret"], {
        [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
        value: "Chosen-passw0rd1",
    });
});

test("makes the pull secret a secret that logs in to the registry's host", async () => {
    const { project } = await declare("secret");
    assert.equal(await pulumi.isSecret(project.pullSecret), true);
    const { auths } = JSON.parse(await known(project.pullSecret));
    assert.deepEqual(Object.keys(auths), [registry]);
    assert.equal(auths[registry].username, "robot$shop+fm-robot");
    assert.equal(auths[registry].password, "S3cret-of-the-mock");
});

test("keeps passwords out of the component's own state", async () => {
    await declare("hidden", {
        credentials: { push: { username: "ci", password: "Given-passw0rd" } },
        secrets: { pull: "Chosen-passw0rd1" },
    });
    const text = JSON.stringify(declared.find("hidden").inputs);
    assert.match(text, /"accounts":\{"push":"ci"\}/);
    assert.doesNotMatch(text, /passw0rd/);
});
