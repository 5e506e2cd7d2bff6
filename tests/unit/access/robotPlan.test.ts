import assert from "node:assert/strict";
import { test } from "node:test";
import { accountFault, permissionsOf, planRobots } from "../../../src/access/robotPlan";

test("uses two project-level robot accounts with images and caches in one project", () => {
    assert.deepEqual(planRobots({ project: "shop", cacheProject: undefined }), {
        push: { level: "project", projects: ["shop"], actions: ["pull", "push"] },
        pull: { level: "project", projects: ["shop"], actions: ["pull"] },
        read: undefined,
    });
});

test("gives accounts for builds and previews access to a separate caches' project, but not the account for clusters", () => {
    const both = ["shop", "shop-cache"];
    assert.deepEqual(planRobots({ project: "shop", cacheProject: "shop-cache" }), {
        push: { level: "system", projects: both, actions: ["pull", "push"] },
        pull: { level: "project", projects: ["shop"], actions: ["pull"] },
        read: { level: "system", projects: both, actions: ["pull"] },
    });
});

test("stores caches in the images' project if it is also the caches' project", () => {
    assert.equal(planRobots({ project: "shop", cacheProject: "shop" }).push.level, "project");
});

test("limits a robot account to repositories, with one permission per project", () => {
    const plan = { level: "system", projects: ["a", "b"], actions: ["pull", "push"] } as const;
    const accesses = [
        { resource: "repository", action: "pull" },
        { resource: "repository", action: "push" },
    ];
    assert.deepEqual(permissionsOf(plan), [
        { kind: "project", namespace: "a", accesses },
        { kind: "project", namespace: "b", accesses },
    ]);
});

test("reports a project-level robot account for another project", () => {
    assert.match(
        accountFault("robot$shop+ci", ["shop", "shop-cache"]) ?? "",
        /robot account of project "shop" alone and does not reach "shop-cache"/,
    );
    assert.match(
        accountFault("robot$other+ci", ["shop", "shop-cache"]) ?? "",
        /of project "other" alone and does not reach "shop" and "shop-cache"/,
    );
});

test("accepts accounts whose name does not show their projects", () => {
    assert.equal(accountFault("robot$shop+ci", ["shop"]), undefined);
    assert.equal(accountFault("robot$ci", ["shop", "shop-cache"]), undefined);
    assert.equal(accountFault("jane", ["shop", "shop-cache"]), undefined);
});

test("reports an account without a name", () => {
    assert.match(accountFault("", ["shop"]) ?? "", /^empty; expected the full name/);
});
