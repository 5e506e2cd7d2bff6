import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

const file = JSON.stringify(join(__dirname, "../../../src/engine/interrupt.ts"));

/** Starts a program under a name, and interrupts it once it listens. */
async function interrupted(name: string, before = "") {
    const script = `process.argv[1] = ${JSON.stringify(name)}; ${before}
        require(${file}).answerAfterInterrupt(); require(${file}).answerAfterInterrupt();
        setInterval(() => console.log("alive"), 20);`;
    const child = spawn(process.execPath, ["--import", "tsx", "-e", script]);
    await once(child.stdout, "data");
    child.kill("SIGINT");
    return child;
}

test("a program that Pulumi runs answers after Ctrl-C, and ends with the second one", async () => {
    for (const name of ["/m/@pulumi/pulumi/cmd/run", "C:\\m\\cmd\\run-plugin\\index.js"]) {
        const child = await interrupted(name);
        for (let lines = 0; lines < 5; lines++) await once(child.stdout, "data");
        child.kill("SIGINT");
        assert.deepEqual(await once(child, "exit"), [null, "SIGINT"]);
    }
});

test("leaves other programs alone, and those that listen to the signal", async () => {
    assert.deepEqual(await once(await interrupted("/srv/deploy.js"), "exit"), [null, "SIGINT"]);
    const own = await interrupted("/cmd/run", 'process.on("SIGINT", () => process.exit(7));');
    assert.deepEqual(await once(own, "exit"), [7, null]);
});
