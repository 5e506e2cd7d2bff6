import assert from "node:assert/strict";
import { before } from "node:test";
import { permissionsOf, planRobots, type RobotPlan } from "../../src/access/robotPlan";
import { assertSection } from "../support/golden";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { askApi, createProject, pull } from "../support/registry";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { tableOf } from "../support/table";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const names = {
    project: uniqueName("rights"),
    cacheProject: uniqueName("rights-cache"),
    fallbackProject: uniqueName("rights-main"),
    reviewProject: uniqueName("rights-reviews"),
};
const { project, cacheProject, fallbackProject, reviewProject } = names;
/** How the page calls these projects; the longer names come first. */
const shown: readonly (readonly [string, string])[] = [
    [cacheProject, "shop-cache"],
    [fallbackProject, "shop-main"],
    [reviewProject, "shop-reviews"],
    [project, "shop"],
];
const test = needingSystemRights("system-level robot accounts");
const files = writeFolder(tinyFiles);
let lab: Lab;

const program = (into: string, cache: string, more = "") => `
import { CachedImage, PreviewMode } from "harbor-build";

const { TEST_USERNAME: username = "", TEST_PASSWORD: password = "" } = process.env;
new CachedImage("tiny", {
    project: { name: "${into}", existing: true },
    context: "tiny",
    credentials: { username, password },
    cache: { ${cache} },
    // An image of its own: BuildKit does not push a tag that is there already.
    buildArgs: { GREETING: process.env["PULUMI_STACK"] ?? "" },
    ${more}
});
`;

interface Account {
    readonly username: string;
    readonly password: string;
}

let accounts = 0;

/** A stack of an account; its scope is its name. */
const newStack = (text: string, { username, password }: Account, stack: string) =>
    TestStack.create(lab, text, {
        files,
        stack,
        environment: { TEST_USERNAME: username, TEST_PASSWORD: password },
    });

before(async () => {
    lab = openLab();
    for (const name of Object.values(names)) await createProject(lab.admin, name);
    for (const text of [
        program(project, `project: "${cacheProject}"`),
        program(fallbackProject, ""),
    ]) {
        succeeded(await (await newStack(text, lab.admin, "main")).up());
    }
});

const { push, read, pull: pulls, review } = planRobots(names);
assert.ok(read && review);
const ownCache = `project: "${cacheProject}"`;

/** A job that needs each right of its account. */
interface Job {
    readonly account: string;
    readonly plan: RobotPlan;
    /** What goes wrong, a line each; none if nothing does. */
    readonly work: (account: Account) => Promise<readonly string[]>;
}

const jobs: readonly Job[] = [
    {
        account: "push account, with `cache.fallbackProject`",
        plan: push,
        work: (account) =>
            build(
                account,
                program(
                    project,
                    `${ownCache}, fallbackScopes: ["main"], fallbackProject: "${fallbackProject}"`,
                ),
            ),
    },
    {
        account: "read account",
        plan: read,
        work: (account) => {
            const cache = `${ownCache}, fallbackScopes: ["main"], write: false`;
            const builds = "preview: PreviewMode.Build,";
            return build(account, program(project, cache, builds), "preview");
        },
    },
    {
        account: "review account",
        plan: review,
        work: (account) => {
            const cache = `fallbackProject: "${cacheProject}", fallbackScopes: ["main"]`;
            return build(account, program(reviewProject, cache));
        },
    },
    {
        account: "pull account",
        plan: pulls,
        work: async (account) => {
            const access = { ...lab.admin, ...account };
            const { status } = await pull(access, `${project}/tiny`, "manifests/latest");
            return status === 200 ? [] : [`the cluster cannot pull the image (${status})`];
        },
    },
];

/** Builds on a new runner; returns the warnings and errors of the run. */
async function build(
    account: Account,
    text: string,
    command: "up" | "preview" = "up",
): Promise<readonly string[]> {
    const stack = await newStack(text, account, `run-${accounts}`);
    await newRunner(lab);
    const { code, output } = await stack[command]();
    await stack.remove();
    const said = output.match(/(?<=^ *)(?:warning|error): .*$/gm) ?? [];
    assert.equal(
        code !== 0,
        said.some((line) => line.startsWith("error")),
        output,
    );
    const lines = [...new Set(said.map((line) => normal(line, account)))].sort();
    const reason = lines.filter((line) => line.includes("not retried"));
    return reason.length > 0 ? reason : lines.filter((line) => !isUsual(line));
}

/** Where Docker Hub cannot be reached, and of a cache that is forbidden again after the build. */
const isUsual = (line: string) =>
    line.startsWith("warning: cannot check the base image") || /is forbidden$/.test(line);

/** A message without what differs between two runs. */
function normal(line: string, { username }: Account): string {
    const texts: readonly (readonly [string, string])[] = [
        [new URL(lab.admin.url).host, "HOST"],
        [username, "robot$NAME"],
        ...shown,
    ];
    return texts
        .reduce((text, [from, to]) => text.replaceAll(from, to), line)
        .replace(/run-\d+/g, "dev")
        .replace(/\S+ (?:is not written yet|exists \(sha256:\w+…\)), /g, "")
        .replaceAll("|", "\\|");
}

/** Does a job with a robot account, which exists only meanwhile. */
async function asRobot(plan: RobotPlan, work: Job["work"]): Promise<readonly string[]> {
    const body = {
        name: `${uniqueName("least")}-${++accounts}`,
        level: "system",
        duration: -1,
        permissions: permissionsOf(plan).map(({ accesses, ...one }) => ({
            ...one,
            access: accesses,
        })),
    };
    const { status, json } = await askApi(lab.admin, "/robots", { method: "POST", body });
    assert.equal(status, 201, JSON.stringify(json));
    // Harbor's answer.
    const made = json as { id: number; name: string; secret: string };
    const said = await work({ username: made.name, password: made.secret });
    const gone = await askApi(lab.admin, `/robots/${made.id}`, { method: "DELETE" });
    assert.equal(gone.status, 200, JSON.stringify(gone.json));
    return said;
}

test("each account does its job with all of its rights, and the page tells what happens without one", async (context) => {
    const rows: (readonly string[])[] = [];
    for (const { account, plan, work } of jobs) {
        assert.deepEqual(await asRobot(plan, work), [], account);
        for (const { project: place, actions } of plan.rights) {
            for (const action of actions) {
                const rights = plan.rights
                    .map((right) =>
                        right.project === place
                            ? { ...right, actions: right.actions.filter((one) => one !== action) }
                            : right,
                    )
                    .filter((right) => right.actions.length > 0);
                const said =
                    rights.length === 0
                        ? await work({ username: "", password: "" })
                        : await asRobot({ ...plan, rights }, work);
                const [, name = ""] = shown.find(([long]) => long === place) ?? [];
                context.diagnostic(`${account}: ${action} in ${name}: ${said.join("\n")}`);
                rows.push([account, `${action} in \`${name}\``, said.join("<br>") || "nothing"]);
            }
        }
    }
    const text = [
        "`tests/long/leastRights.test.ts` gives each account a job, and takes one right away. The account can do the job without two kinds of rights: a token of Harbor's for a push also allows the pull, and the jobs of the read account and the review account only read caches. Their right to pull in the project is for images there, for example as base images.",
        "",
    ];
    const head = ["account", "without the right to", "what the user sees"];
    assertSection(
        "guides/rights.md",
        "What happens without one of these rights",
        [...text, tableOf(head, rows)].join("\n"),
    );
});
