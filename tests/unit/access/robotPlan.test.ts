import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
    accountFault,
    permissionsOf,
    planRobots,
    type RobotPlan,
} from "../../../src/access/robotPlan";

const pulls = (project: string) => ({ project, actions: ["pull"] });
const pushes = (project: string) => ({ project, actions: ["pull", "push"] });

test("uses two project-level robot accounts with images and caches in one project", () => {
    assert.deepEqual(planRobots({ project: "shop", cacheProject: undefined }), {
        push: { level: "project", rights: [pushes("shop")] },
        pull: { level: "project", rights: [pulls("shop")] },
        read: undefined,
        review: undefined,
    });
});

test("gives accounts for builds and previews access to a separate caches' project, but not the account for clusters", () => {
    assert.deepEqual(planRobots({ project: "shop", cacheProject: "shop-cache" }), {
        push: { level: "system", rights: [pushes("shop"), pushes("shop-cache")] },
        pull: { level: "project", rights: [pulls("shop")] },
        read: { level: "system", rights: [pulls("shop"), pulls("shop-cache")] },
        review: undefined,
    });
});

test("gives accounts for builds only the right to pull from the projects of other caches", () => {
    const request = { project: "reviews", cacheProject: undefined };
    assert.deepEqual(planRobots({ ...request, fallbackProject: "shop" }).push, {
        level: "system",
        rights: [pushes("reviews"), pulls("shop")],
    });
    assert.deepEqual(planRobots({ ...request, fallbackProject: "reviews" }).push, {
        level: "project",
        rights: [pushes("reviews")],
    });
});

test("lets the account for reviews push only to the reviews' project", () => {
    const request = { project: "shop", cacheProject: "shop-cache", reviewProject: "reviews" };
    assert.deepEqual(planRobots(request).review, {
        level: "system",
        rights: [pushes("reviews"), pulls("shop"), pulls("shop-cache")],
    });
});

test("stores caches in the images' project if it is also the caches' project", () => {
    assert.equal(planRobots({ project: "shop", cacheProject: "shop" }).push.level, "project");
});

test("limits a robot account to repositories, with one permission per project", () => {
    const { push } = planRobots({ project: "a", cacheProject: undefined, fallbackProject: "b" });
    const pull = { resource: "repository", action: "pull" };
    const accesses = [pull, { resource: "repository", action: "push" }];
    assert.deepEqual(permissionsOf(push), [
        { kind: "project", namespace: "a", accesses },
        { kind: "project", namespace: "b", accesses: [pull] },
    ]);
});

/** The rights of an account in the words of docs/guides/rights.md. */
function inWords(plan: RobotPlan | undefined): string {
    const places = (actions: string) =>
        (plan?.rights ?? [])
            .filter((right) => right.actions.join(" and ") === actions)
            .map(({ project }) => project)
            .join(" and ");
    return ["pull and push", "pull"]
        .filter((actions) => places(actions) !== "")
        .map((actions) => `${actions} in ${places(actions)}`)
        .join("; ");
}

test("gives each account the rights that docs/guides/rights.md lists", () => {
    const projects = { project: "the project", cacheProject: "`cache.project`" };
    const component = planRobots({ ...projects, fallbackProject: "`cache.fallbackProject`" });
    const plans = planRobots({ ...projects, reviewProject: "`reviews.project`" });
    const page = readFileSync(join(__dirname, "../../../docs/guides/rights.md"), "utf8");
    const section = page.split("## The accounts that the components create")[1] ?? "";
    const table = section.split("\n## ")[0] ?? "";
    const listed = [...table.matchAll(/^\| (?!account )([^|]+) \| ([^|]+) \|/gm)].map(
        ([, account = "", rights = ""]) => [account.replace(/[ ;,].*account.*$/, ""), rights],
    );
    assert.deepEqual(listed, [
        ["`NAME-robot` of a `CachedImage`", inWords(component.push)],
        ["push", inWords(plans.push)],
        ["read", inWords(plans.read)],
        ["pull", inWords(plans.pull)],
        ["review", inWords(plans.review)],
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
