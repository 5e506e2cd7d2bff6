import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSection } from "../support/golden";
import { wholeImage } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { createProject } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { changesOf, succeeded } from "../support/run";
import { type Run, TestStack } from "../support/stack";
import { tableOf } from "../support/table";
import { tinyFiles, writeFolder } from "../support/tinyProject";

let lab: Lab;
let proxies: readonly RegistryProxy[];

before(async () => {
    lab = openLab();
    proxies = [await startRegistryProxy(lab.admin.url), await startRegistryProxy(lab.admin.url)];
});

/** Two stacks of the same name with the same program, each behind its own proxy. */
const twins = (text: string): Promise<readonly TestStack[]> =>
    Promise.all(
        proxies.map(({ url }) =>
            TestStack.create(lab, text, {
                files: writeFolder(tinyFiles),
                environment: { HARBOR_URL: url },
            }),
        ),
    );

/** Holds the next such request of both stacks until both have arrived. */
function meetAt(request: RegExp): () => number {
    let arrived = 0;
    let release = () => {};
    const both = new Promise<void>((resolve) => {
        release = resolve;
    });
    for (const proxy of proxies) {
        proxy.onNext(request, () => {
            if (++arrived === proxies.length) release();
            return both;
        });
    }
    return () => arrived;
}

/** Deploys both stacks, whose such requests reach Harbor at the same time; the winner first. */
async function race(stacks: readonly TestStack[], request: RegExp) {
    const arrived = meetAt(request);
    const ends = await Promise.all(stacks.map(async (stack) => ({ stack, run: await stack.up() })));
    assert.equal(arrived(), 2, ends.map(({ run }) => run.output).join("\n"));
    return ends.sort((one, other) => one.run.code - other.run.code);
}

const rows: (readonly string[])[] = [];
const request = (text: string) => `\`${text}\``;

/** The error of a run, without what differs between two races. */
const errorIn = ({ output }: Run, project: string) =>
    (/^ {4}error: (name: .*)$/m.exec(output)?.[1] ?? output)
        .replaceAll(project, "shop")
        .replace(/\/projects\/\d+/g, "/projects/N")
        .replace(/\d{4}-\S+Z/, "TIME");

/** Two stacks create one thing of Harbor's: one does, and the other one never takes it over. */
async function raceToCreate(
    what: string,
    path: string,
    text: (project: string) => string,
    project: string,
) {
    const [first, second] = await race(await twins(text(project)), new RegExp(`^POST .*${path}$`));
    assert.ok(first && second);
    succeeded(first.run);
    assert.equal(second.run.code, 1, second.run.output);
    const message = errorIn(second.run, project);
    assert.match(message, /already exists/);
    assert.deepEqual(changesOf(succeeded(await first.stack.up())), {});
    const again = await second.stack.up();
    assert.equal(again.code, 1);
    assert.equal(errorIn(again, project), message);
    rows.push([
        what,
        request(`POST …${path}`),
        `one stack: none. The other: ${message}`,
        "nothing wrong",
        "one stack: nothing to do. The other: the same message",
    ]);
}

test("of two stacks that create one project, one creates it and the other says what to do", () => {
    const project = uniqueName("race");
    const text = (name: string) => `
import { ImageProject } from "harbor-build";
new ImageProject("shop", { name: "${name}", cache: { project: "${name}" } });
`;
    return raceToCreate("a project", "/projects", text, project);
});

test("of two stacks that create one robot account, one creates it and the other says what to do", async () => {
    const project = uniqueName("race");
    await createProject(lab.admin, project);
    const text = (name: string) => `
import { RobotAccount } from "harbor-build/harbor";
const access = { resource: "repository", action: "pull" };
new RobotAccount("ci", {
    name: "ci",
    level: "project",
    permissions: [{ kind: "project", namespace: "${name}", accesses: [access] }],
});
`;
    await raceToCreate("a robot account of one name", "/robots", text, project);
});

for (const [what, tag] of [
    ["the builder-stage image of one cache", "dev__build"],
    ["the cache of one scope", "dev"],
] as const) {
    test(`two stacks that push ${what} both end well, and leave whole images`, async () => {
        const project = uniqueName("race");
        await createProject(lab.admin, project);
        const stacks = await twins(`
import { CachedImage } from "harbor-build";
const tiny = new CachedImage("tiny", {
    project: { name: "${project}", existing: true },
    context: "tiny",
    buildArgs: { VERSION: process.cwd().slice(-6) },
});
export const digest = tiny.digest;
`);
        const path = `/tiny/cache/manifests/${tag}`;
        const ends = await race(stacks, new RegExp(`^PUT .*${path}$`));
        const pushed: unknown[] = [];
        for (const { stack, run } of ends) {
            succeeded(run);
            pushed.push((await stack.outputs())["digest"]);
            assert.deepEqual(changesOf(succeeded(await stack.up())), {});
        }
        assert.notEqual(pushed[0], pushed[1]);
        for (const digest of pushed) {
            await wholeImage(lab.admin, `${project}/tiny`, String(digest));
        }
        assert.ok(pushed.includes(await wholeImage(lab.admin, `${project}/tiny`, "latest")));
        for (const name of ["dev", "dev__build"]) {
            await wholeImage(lab.admin, `${project}/tiny/cache`, name);
        }
        rows.push([
            what,
            request(`PUT …${path}`),
            "none",
            "both images; each tag has a whole image of one of the stacks",
            "nothing to do",
        ]);
    });
}

after(() => {
    assertSection(
        "faults.md",
        "Two runs at once",
        [
            "`tests/long/races.test.ts` runs `pulumi up` of two stacks, and holds a request of each until both have arrived. Two clones that start at once share nothing but the toolchain: `tests/long/clones.test.ts`.",
            "",
            tableOf(
                [
                    "both stacks write",
                    "request",
                    "what the user sees",
                    "left",
                    "the same command again",
                ],
                rows,
            ),
        ].join("\n"),
    );
});
