import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertSection } from "../support/golden";
import { type HarborLab, openHarborLab } from "../support/harborLab";
import { uniqueName } from "../support/lab";
import { descendantsOf, isRunning, type Process } from "../support/processes";
import { askApi } from "../support/registry";
import { succeeded } from "../support/run";
import type { Run, TestStack } from "../support/stack";
import { tableOf } from "../support/table";

let harbor: HarborLab;

/** A stack of a case's own, and the project that it creates. */
interface Case {
    readonly stack: TestStack;
    readonly project: string;
}

const program = (project: string, more = "") => `
import { ImageProject } from "harbor-build";

new ImageProject("shop", {
    name: "${project}",
    immutableTags: ["v*"],
    cache: { project: "${project}" },
    retainImages: false,
    ${more}
});
`;

before(async () => {
    harbor = await openHarborLab();
});

/** A request whose answer the engine does not live to see. */
interface Held {
    readonly method: "POST" | "DELETE";
    /** What the request makes or deletes, as the end of its path. */
    readonly path: string;
    readonly left: string;
    /** What the user sees in the next run of the same command. */
    readonly sees: string;
    /** What Harbor has in addition after that run. */
    readonly extra?: "robot account";
    readonly next: string;
}

const completes = "completes";
const pending = "Pulumi's warning of pending operations";
const twin = "a warning with the names of both accounts";
const held: readonly Held[] = [
    {
        method: "POST",
        path: "/projects",
        left: "project without a resource",
        sees: `name: project "NAME" already exists (/projects/N, created TIME, repositories: 0). To manage it here, for example because an interrupted run created it, set \`import: "/projects/N"\` next to its name (with \`retainImages: false\`, a destroy then deletes its images); to use it without managing it, set \`existing: true\` there; to create another project, choose another name`,
        next: "fails. Completes with `import`; the project keeps its content",
    },
    {
        method: "POST",
        path: "/retentions",
        left: "retention policy without a resource",
        sees: pending,
        next: "completes with that retention policy",
    },
    {
        method: "POST",
        path: "/immutabletagrules",
        left: "immutable tag rule without a resource",
        sees: pending,
        next: "completes with that rule",
    },
    {
        method: "POST",
        path: "/robots",
        left: "robot account without a resource, whose secret nobody has",
        sees: `${pending}, ${twin}`,
        extra: "robot account",
        next: "completes with another robot account. Delete the old one in Harbor; deleting the project deletes it too",
    },
    {
        method: "DELETE",
        path: "/robots/N",
        left: "resource without its robot account",
        sees: pending,
        next: completes,
    },
    {
        method: "DELETE",
        path: "/projects/N",
        left: "resource without its project",
        sees: pending,
        next: completes,
    },
];

/** What Harbor has of the stack, sorted. */
async function contents({ project }: Case): Promise<readonly string[]> {
    const { status, json } = await askApi(harbor.lab.admin, `/projects/${project}`);
    if (status !== 200) return [];
    // Shape of Harbor's own answer.
    const { project_id: id, metadata } = json as { project_id: number; metadata: object };
    const list = async (path: string) => (await harbor.admin("GET", path)) as unknown[];
    const robots = await list(`/robots?q=Level%3Dproject,ProjectID%3D${id}`);
    const rules = await list(`/projects/${id}/immutabletagrules`);
    return [
        `project ${id}`,
        ...("retention_id" in metadata ? ["retention policy"] : []),
        ...rules.map(() => "immutable tag rule"),
        ...robots.map(() => "robot account"),
    ].sort();
}

const deployed = [
    "immutable tag rule",
    "project",
    "retention policy",
    "robot account",
    "robot account",
];

/** Runs a command, and kills the engine when Harbor has carried out the request. */
async function runKilled({ method, path }: Held, { stack }: Case): Promise<void> {
    let others: readonly Process[] = [];
    let kill: () => void = () => assert.fail("the engine has not started");
    let isReached = false;
    const end = new RegExp(`${path.replace("N", "\\d+")}$`);
    harbor.proxy.inject({
        method,
        path: "",
        when: (passed) => end.test(passed.path),
        afterwards: true,
        // Sends no answer.
        act: () => {
            isReached = true;
            kill();
        },
    });
    // One request at a time: the engine knows of all others.
    const { code, output } = await stack.observed(
        method === "POST" ? "up" : "destroy",
        (pid) => {
            kill = () => {
                others = descendantsOf(pid);
                process.kill(pid, "SIGKILL");
            };
        },
        "--parallel=1",
    );
    harbor.proxy.stopFaults();
    assert.ok(isReached, `${method} ${path} was not reached: ${output}`);
    assert.equal(code, -1, output);
    // Plugins notice the end of the engine.
    const deadline = Date.now() + 10_000;
    while (others.some(isRunning) && Date.now() < deadline) await sleep(50);
    assert.deepEqual(others.filter(isRunning), []);
}

/** The error or the warnings that a run shows to the user. */
function seenIn({ code, output }: Run, { project }: Case): string {
    const message = /^ +error: (name: .*)$/m.exec(output)?.[1] ?? output;
    const warnings = [
        ...(/\d+ pending operations from previous deployment/.test(output) ? [pending] : []),
        ...(/warning: the description of robot account .* is also that of "/.test(output)
            ? [twin]
            : []),
    ];
    return (code === 0 ? warnings.join(", ") || "nothing" : message)
        .replaceAll(project, "NAME")
        .replace(/(?<=\/projects\/)\d+/g, "N")
        .replace(/\d{4}-\S+Z/, "TIME");
}

async function pulumi({ stack }: Case, ...args: readonly string[]): Promise<string> {
    const { code, output } = await stack.pulumi(args);
    assert.equal(code, 0, output);
    return output;
}

/** The cases that passed: the page shows nothing that no run has shown. */
const shown: Held[] = [];

for (const one of held) {
    test(`after ${one.method} ${one.path} and the end of the engine: ${one.next}`, async () => {
        const project = uniqueName("interrupted");
        const stack = await harbor.stack(program(project));
        const its: Case = { stack, project };
        const again = () => (one.method === "POST" ? stack.up() : stack.destroy());
        if (one.method === "DELETE") succeeded(await stack.up());
        await runKilled(one, its);
        const left = await contents(its);
        const locked = await again();
        assert.match(locked.output, /error: the stack is currently locked by/);
        await pulumi(its, "cancel", "--yes");
        const next = await again();
        assert.equal(seenIn(next, its), one.sees);
        if (one.path === "/projects") {
            assert.deepEqual(await contents(its), left);
            await followMessage(next, left, its);
        } else {
            assert.equal(next.code, 0);
        }
        if (one.method === "POST") {
            const extra = one.extra ?? [];
            const found = (await contents(its)).map((line) => line.replace(/ \d+$/, ""));
            assert.deepEqual(found, [...deployed, extra].flat().sort());
            await pulumi(its, "refresh", "--yes", "--skip-preview", "--clear-pending-creates");
            const last = succeeded(await stack.up());
            assert.equal(seenIn(last, its), "nothing");
            assert.deepEqual(
                Object.values(last.operations).filter((op) => op !== "same"),
                [],
            );
            succeeded(await stack.destroy());
        }
        assert.deepEqual(await contents(its), []);
        shown.push(one);
    });
}

/** Imports the project as the message says, with something in it that must stay. */
async function followMessage({ output }: Run, left: readonly string[], its: Case): Promise<void> {
    const [, id] = /set `import: "(\/projects\/\d+)"` next to its name/.exec(output) ?? [];
    assert.ok(id, output);
    const scope = { name: "kept", scope: "p", project_id: Number(id.slice("/projects/".length)) };
    await harbor.admin("POST", "/labels", scope);
    await its.stack.program(program(its.project, `import: "${id}",`));
    succeeded(await its.stack.up());
    await its.stack.program(program(its.project));
    succeeded(await its.stack.up());
    const labels = await harbor.admin("GET", `/labels?scope=p&project_id=${scope.project_id}`);
    assert.ok(Array.isArray(labels));
    assert.deepEqual(
        labels.map(({ name }) => name),
        ["kept"],
    );
    const now = await contents(its);
    assert.deepEqual(
        now.filter((line) => left.includes(line)),
        left,
    );
}

after(() => {
    const rows = shown.map(({ method, path, left, sees, next }) => {
        const command = method === "POST" ? "`up`" : "`destroy`";
        return [command, `\`${method} …${path}\``, left, sees, next];
    });
    const intro =
        "`tests/long/interruptedRequests.test.ts` runs an `ImageProject`. It holds Harbor's answer to one request of `up` or `destroy`, kills the engine, and follows the steps above.";
    assertSection(
        "faults.md",
        "Harbor created or deleted something, and the engine was killed before it knew",
        [
            intro,
            "",
            tableOf(
                [
                    "command",
                    "request",
                    "left",
                    "what the user sees after `pulumi cancel`",
                    "the same command again",
                ],
                rows,
            ),
        ].join("\n"),
    );
});
