import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type HarborContents, readContents } from "../support/harborContents";
import { openLab } from "../support/lab";
import { measured, printsPeaks } from "../support/peaks";
import { cachesApart, PolicyProject, policyProgram } from "../support/policyProject";
import { descendantsOf, environmentOf } from "../support/processes";
import { pull } from "../support/registry";
import { succeeded } from "../support/run";

/** Number of changes in a row, of changes on new runners after them, and between two looks. */
const changes = 200;
const newRunners = 50;
const everyChanges = 20;
/** Size of the builder stage's input at each change, in bytes. */
const sourceBytes = 400_000;
/** Growth per change of BuildKit's record in the app image, in bytes: it names each builder stage. */
const recordBytes = 1_000;

/** What runs leave behind, apart from images. */
interface Left {
    /** Processes that a run started and that outlived it. */
    readonly processes: readonly string[];
    /** Names of entries in the temporary folder of the runs. */
    readonly temporary: readonly string[];
    /** Names of files next to the program. */
    readonly slices: readonly string[];
    /** Size of the stack's state. */
    readonly stateBytes: number;
    /** Artifacts in the project of the caches, after its retention has run. */
    readonly caches: number;
    /** Bytes in the project of the caches. */
    readonly cacheBytes: number;
    readonly memoryMiB: number;
    readonly openFiles: number;
}

const temporary = mkdtempSync(join(tmpdir(), "hb-soak-"));
const said = (name: string) => ({ project: cachesApart(name) });

test(`leaves no more behind after ${changes} changes, and ${newRunners} on new runners, than after ${everyChanges}`, async (context) => {
    const lab = openLab();
    mkdirSync(join(temporary, "tmp"));
    const environment = { TMPDIR: join(temporary, "tmp"), HARBOR_BUILD_SOAK: temporary };
    const project = await PolicyProject.create(lab, said, { environment });
    await project.stack.program(policyProgram(project.name, said(project.name)) + printsPeaks);
    let first: Left | undefined;
    for (let change = 1; change <= changes; change++) {
        project.change(sourceBytes);
        if (change % everyChanges !== 0) {
            succeeded(await project.stack.up());
            continue;
        }
        const left = await look(context, project, `change ${change}`);
        first ??= left;
        assertSame(left, first, change);
    }
    assert.ok(first);
    for (let runner = 1; runner <= newRunners; runner++) {
        const { run, costly } = await project.upOnNewRunner(sourceBytes);
        succeeded(run);
        assert.deepEqual(costly, ["cached", "cached"]);
    }
    project.change(sourceBytes);
    const last = await look(context, project, `${newRunners} new runners`);
    assertSame(last, first, changes + newRunners + 1);

    const images = (await contents(project.name))["fm"] ?? {};
    assert.equal(Object.keys(images).length, changes + newRunners + 1);
    for (const digest of Object.keys(images)) {
        const answer = await pull(lab.admin, `${project.name}/fm`, `manifests/${digest}`);
        assert.equal(answer.status, 200, digest);
    }
});

/** Deploys once more, lets Harbor clean up, and looks at what is left. */
async function look(context: TestContext, project: PolicyProject, what: string): Promise<Left> {
    const { memoryMiB, openFiles } = await measured(context, what, () => project.stack.up());
    const caches = `${project.name}-cache`;
    await project.clean();
    await project.clean(caches);
    const { folder } = project.stack;
    const left: Left = {
        // The system's first process adopts those whose parent has ended.
        processes: descendantsOf(1)
            .filter(({ pid }) => environmentOf(pid).includes(`HARBOR_BUILD_SOAK=${temporary}`))
            .map(({ command }) => command),
        temporary: readdirSync(join(temporary, "tmp")).sort(),
        slices: readdirSync(join(folder, ".harbor-build"), { recursive: true }).map(String).sort(),
        stateBytes: statSync(join(folder, ".state", ".pulumi", "stacks", "test", "dev.json")).size,
        caches: Object.values(await contents(caches)).flatMap(Object.keys).length,
        cacheBytes: await project.used(caches),
        memoryMiB,
        openFiles,
    };
    const { slices, ...figures } = left;
    context.diagnostic(`${what}: ${JSON.stringify({ ...figures, slices: slices.length })}`);
    return left;
}

async function contents(project: string): Promise<HarborContents> {
    return (await readContents(openLab().admin, project)) ?? {};
}

function assertSame(left: Left, first: Left, change: number): void {
    assert.deepEqual(left.processes, []);
    assert.deepEqual(left.temporary, first.temporary);
    assert.deepEqual(left.slices, first.slices);
    assert.equal(left.caches, first.caches);
    assert.ok(left.openFiles <= first.openFiles + 2, `${left.openFiles} open files`);
    assert.ok(left.memoryMiB <= first.memoryMiB + 40, `${left.memoryMiB} MiB`);
    assert.ok(left.stateBytes <= first.stateBytes + 200, `${left.stateBytes} bytes of state`);
    const cacheMax = first.cacheBytes + change * recordBytes;
    assert.ok(left.cacheBytes <= cacheMax, `${left.cacheBytes} bytes of caches`);
}
