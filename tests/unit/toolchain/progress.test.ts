import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { mock, test } from "node:test";
import { Progress } from "../../../tools/toolchain/progress";

function sink(live: boolean) {
    let text = "";
    const stream = new Writable({
        write(chunk, _encoding, done) {
            text += String(chunk);
            done();
        },
    });
    return { progress: new Progress({ stream, live, columns: 40 }), text: () => text };
}

test("prints a line at the start and the end of each step, and every 30 s, without a terminal", () => {
    mock.timers.enable({ apis: ["setInterval", "Date"] });
    try {
        const { progress, text } = sink(false);
        const pulumi = progress.start("pulumi");
        mock.timers.tick(10_000);
        const buildkit = progress.start("buildkit");
        pulumi.phase("compiling");
        mock.timers.tick(20_000);
        mock.timers.tick(5_000);
        buildkit.done();
        mock.timers.tick(25_000);
        mock.timers.tick(5_000);
        pulumi.failed();
        mock.timers.tick(60_000);
        assert.deepEqual(text().trimEnd().split("\n"), [
            "toolchain: pulumi: started",
            "toolchain: buildkit: started",
            "toolchain: still building pulumi (compiling, 30 s), buildkit (20 s)",
            "toolchain: buildkit: done after 25 s",
            "toolchain: still building pulumi (compiling, 1 min 0 s)",
            "toolchain: pulumi: failed after 1 min 5 s",
        ]);
    } finally {
        mock.timers.reset();
    }
});

test("overwrites one line, no wider than the terminal", () => {
    mock.timers.enable({ apis: ["setInterval", "Date"] });
    try {
        const { progress, text } = sink(true);
        const step = progress.start("the Pulumi engine with its language host");
        step.phase("compiling");
        mock.timers.tick(500);
        step.done();
        assert.equal(
            text(),
            "\r\x1b[Ktoolchain: the Pulumi engine with its l" +
                "\r\x1b[Ktoolchain: the Pulumi engine with its language host: done after 1 s\n",
        );
    } finally {
        mock.timers.reset();
    }
});
