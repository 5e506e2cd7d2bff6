import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Fault } from "../../support/faultyProxy";
import { type HarborLab, keptBy, openHarborLab } from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

const prefix = uniqueName("stop");
let harbor: HarborLab;
let stack: TestStack;

before(async () => {
    harbor = await openHarborLab();
    stack = await harbor.stack("");
});

after(() => harbor.close());

const program = (name: string, isPublic = false) => `
import * as harbor from "@pulumi/harbor";
const project = new harbor.Project("project", { name: "${prefix}-${name}", public: ${isPublic} });
new harbor.Label("label", { name: "label", projectId: project.id });
`;

/** Without an interruption the provider would wait 30 s, and then try again. */
const soonMs = 15_000;

/** Blocks the next matching request; resolves when a request is blocked. */
function hanging(fault: Pick<Fault, "method" | "path" | "body" | "afterwards">): Promise<void> {
    return new Promise((resolve) => {
        harbor.proxy.inject({
            ...fault,
            times: 10,
            act: () => resolve(), // and never answers
        });
    });
}

/** Interrupts an update once, in the middle of a request that is never answered. */
async function interrupted(fault: Parameters<typeof hanging>[0]) {
    const up = await stack.upInterrupted(hanging(fault));
    harbor.proxy.stopFaults();
    assert.notEqual(up.code, 0);
    assert.ok(up.tookMs < soonMs, `${up.tookMs} ms`);
    return up;
}

const projectsCalled = async (name: string): Promise<readonly string[]> => {
    const found = (await harbor.admin("GET", `/projects?name=${prefix}-${name}`)) as {
        project_id: number;
    }[]; // a list of Harbor's projects
    return found.map((project) => `/projects/${project.project_id}`);
};

test("creates nothing when interrupted before Harbor sees a creation; the next up creates it", async () => {
    await stack.program(program("unseen"));
    const up = await interrupted({ method: "POST", path: "/projects" });
    assert.match(up.output, /cancelled before Harbor had answered \(POST \S+\/projects\)/);
    assert.deepEqual(await projectsCalled("unseen"), []);
    assert.deepEqual(await keptBy(stack), {});
    assert.deepEqual(succeeded(await stack.up()).operations, {
        label: "create",
        project: "create",
    });
    const { project } = await keptBy(stack);
    assert.deepEqual(await projectsCalled("unseen"), [project?.id]);
    succeeded(await stack.destroy());
});

test("keeps a resource when interrupted after its creation without an answer; the next up continues", async () => {
    await stack.program(program("made"));
    await interrupted({ method: "POST", path: "/projects", afterwards: true });
    const { project, label } = await keptBy(stack);
    assert.equal(label, undefined);
    assert.deepEqual(await projectsCalled("made"), [project?.id]);
    assert.deepEqual(succeeded(await stack.up()).operations, { label: "create", project: "same" });
    succeeded(await stack.refresh("--expect-no-changes"));
});

test("keeps the state when interrupted during an update; the next up applies the update", async () => {
    await stack.program(program("made", true));
    const up = await interrupted({ method: "PUT", path: "/projects/" });
    assert.match(up.output, /cancelled before Harbor had answered \(PUT \S+\/projects\/\d+\)/);
    const again = succeeded(await stack.up());
    assert.deepEqual(again.diffs, { project: ["public"] });
    succeeded(await stack.refresh("--expect-no-changes"));
    succeeded(await stack.preview("--expect-no-changes"));
});

test("ends a refresh at once when interrupted, and loses nothing", async () => {
    const kept = await keptBy(stack);
    const { id } = kept["project"] ?? { id: "" };
    const up = await interruptedRefresh(id);
    assert.ok(up.tookMs < soonMs, `${up.tookMs} ms`);
    assert.deepEqual(await keptBy(stack), kept);
    succeeded(await stack.destroy());
    assert.deepEqual(await projectsCalled("made"), []);
});

async function interruptedRefresh(id: string) {
    const run = await stack.upInterrupted(hanging({ method: "GET", path: id }), "--refresh");
    harbor.proxy.stopFaults();
    assert.notEqual(run.code, 0);
    return run;
}
