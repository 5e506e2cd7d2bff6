import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, type TestContext, test } from "node:test";
import { type HarborLab, openHarborLab } from "../support/harborLab";
import { uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import type { Run, TestStack } from "../support/stack";

const projects = 500;
const robotsEach = 4;
const robots = projects * robotsEach;
/** Largest growth of the plugin's memory from a tenth of the resources to all resources, in MiB. */
const growthMaxMiB = 40;
const prefix = uniqueName("many");
let harbor: HarborLab;
let stack: TestStack;

before(async () => {
    harbor = await openHarborLab();
    stack = await harbor.stack(program(projects / 10));
});

after(() => harbor.close());

function program(count: number): string {
    return `
import * as harbor from "@pulumi/harbor";
const accesses = [{ resource: "repository", action: "pull" }];
for (let number = 0; number < ${count}; number++) {
    const name = "${prefix}-" + number;
    const project = new harbor.Project(name, { name });
    for (let robot = 0; robot < ${robotsEach}; robot++) {
        new harbor.RobotAccount(name + "-" + robot, {
            name: "ci" + robot, level: "project",
            permissions: [{ kind: "project", namespace: project.name, accesses }],
        });
    }
}
`;
}

/** The requests of one run to Harbor, by kind, and the peak memory of the plugin. */
interface Measured {
    readonly requests: Readonly<Record<string, number>>;
    readonly peakMiB: number;
    readonly seconds: number;
}

async function measure(context: TestContext, work: () => Promise<Run>): Promise<Measured> {
    harbor.takeRequests();
    const startedMs = Date.now();
    let peakMiB = 0;
    const timer = setInterval(() => {
        peakMiB = Math.max(peakMiB, pluginMemoryMiB());
    }, 200);
    try {
        succeeded(await work());
    } finally {
        clearInterval(timer);
    }
    const requests: Record<string, number> = {};
    for (const line of harbor.takeRequests()) {
        const kind = line.replace(/\d+/g, "N").replace(/\?.*/, "");
        requests[kind] = (requests[kind] ?? 0) + 1;
    }
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const measured = { requests, peakMiB: Math.round(peakMiB), seconds };
    context.diagnostic(JSON.stringify(measured));
    return measured;
}

/** Peak memory so far of the plugin that uses this test's proxy; 0 while no plugin runs. */
function pluginMemoryMiB(): number {
    const sizes = readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => {
            try {
                if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("dist/plugin")) return 0;
                const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
                if (!environment.includes(`HARBOR_URL=${harbor.proxy.url}\0`)) return 0;
                const status = readFileSync(`/proc/${pid}/status`, "utf8");
                return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
            } catch {
                // The process ended meanwhile.
                return 0;
            }
        });
    return Math.max(0, ...sizes);
}

let small: Measured;

test(`creates a tenth of the resources first, for comparison`, async (context) => {
    small = await measure(context, () => stack.up());
    assert.ok(small.peakMiB > 0, "the plugin was found");
    succeeded(await stack.destroy());
});

test(`creates ${projects} projects and ${robots} robot accounts with one request each`, async (context) => {
    await stack.program(program(projects));
    const { requests, peakMiB } = await measure(context, () => stack.up());
    assert.deepEqual(requests, {
        "GET /users/current": 1,
        "POST /projects": projects,
        "POST /robots": robots,
    });
    assert.ok(peakMiB - small.peakMiB < growthMaxMiB, `${small.peakMiB} to ${peakMiB} MiB`);
});

test("sends no request to Harbor in another up", async (context) => {
    const { requests, peakMiB } = await measure(context, () => stack.up("--expect-no-changes"));
    assert.deepEqual(requests, {});
    assert.ok(peakMiB - small.peakMiB < growthMaxMiB, `${small.peakMiB} to ${peakMiB} MiB`);
});

test("reads each project, its quota and each robot account once in a refresh", async (context) => {
    const { requests, peakMiB } = await measure(context, () =>
        stack.refresh("--expect-no-changes"),
    );
    assert.deepEqual(requests, {
        "GET /users/current": 1,
        "GET /projects/N": projects,
        "GET /projects/N/summary": projects,
        "GET /robots/N": robots,
    });
    assert.ok(peakMiB - small.peakMiB < growthMaxMiB, `${small.peakMiB} to ${peakMiB} MiB`);
});

test("deletes each resource with one request in a destroy", async (context) => {
    const { requests, peakMiB } = await measure(context, () => stack.destroy());
    assert.deepEqual(requests, {
        "GET /users/current": 1,
        "DELETE /projects/N": projects,
        "DELETE /robots/N": robots,
    });
    assert.ok(peakMiB - small.peakMiB < growthMaxMiB, `${small.peakMiB} to ${peakMiB} MiB`);
});
