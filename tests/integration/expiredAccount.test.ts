import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { Store } from "../../tools/sandbox/harbor/core/store";

import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { type SecondHarbor, startSecondHarbor } from "../support/secondHarbor";
import { TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("expired");
const dayMs = 86_400_000;
const program = (days: number) => tinyProgram(project, `robotDays: ${days},`);
let harbor: SecondHarbor;
let stack: TestStack;

before(async () => {
    const lab = openLab();
    harbor = await startSecondHarbor(lab);
    stack = await TestStack.create(lab, program(1), {
        files: writeFolder(tinyFiles),
        environment: {
            HARBOR_URL: harbor.admin.url,
            HARBOR_USERNAME: harbor.admin.username,
            HARBOR_PASSWORD: harbor.admin.password,
        },
    });
    succeeded(await stack.up());
    await harbor.whileStopped((dataDir) => letDaysPass(dataDir, 2));
});

/** Makes every robot account older. */
function letDaysPass(dataDir: string, days: number): void {
    const store = new Store(dataDir);
    const robots = store.of("robots");
    store.transaction(() => {
        for (const { id, created, expiresAt } of robots.values()) {
            robots.update(id, {
                created: new Date(Date.parse(created) - days * dayMs).toISOString(),
                expiresAt: expiresAt === -1 ? -1 : expiresAt - (days * dayMs) / 1000,
            });
        }
    });
    store.close();
}

const change = () => appendFileSync(join(stack.folder, "tiny/lib.txt"), "more\n");

test("reports an expired robot account before the build, also in previews, and does not retry", async () => {
    change();
    const line =
        /warning: cache: dev cannot be read \(account expired\), dev__build cannot be read \(account expired\); the build starts with only the builder.s local cache/;
    const why =
        /dev, dev__build: the robot account robot\$\S+\+tiny-robot-\w+ expired at \d{4}-\d\d-\d\dT[\d:.]+Z\. Its validity starts at its creation: raise robotDays, which triggers no build\./;
    const preview = succeeded(await stack.preview());
    assert.match(preview.output, line);
    assert.match(preview.output, why);
    const up = await stack.up();
    assert.notEqual(up.code, 0);
    assert.match(up.output, line);
    assert.match(
        up.output,
        /; not retried\. The robot account \S+ expired at \S+\. Its validity starts at its creation: raise robotDays/,
    );
    assert.doesNotMatch(up.output, /building again/);
});

test("makes the account valid again, with its secret, for more days", async () => {
    await stack.program(program(400));
    const up = succeeded(await stack.up());
    assert.equal(up.operations["tiny-robot"], "update");
    assert.equal(up.operations["tiny-app"], "update");
    assert.match(up.output, /cache: dev exists \(sha256:/);
});

test("builds nothing for another number of days", async () => {
    await stack.program(program(-1));
    const up = succeeded(await stack.up());
    const changed = Object.entries(up.operations).filter(([, name]) => name !== "same");
    // The component's own entry shows the argument; nothing is done for it.
    assert.deepEqual(
        changed.sort(),
        [
            ["tiny", "update"],
            ["tiny-robot", "update"],
        ],
        up.output,
    );
});
