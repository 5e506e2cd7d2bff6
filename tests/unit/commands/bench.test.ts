import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Contender, cases } from "../../../tools/bench/contender";
import { resultsOf, tableOf } from "../../../tools/bench/report";
import { runRounds, type Times } from "../../../tools/bench/rounds";
import { median, pairedRatio } from "../../../tools/bench/statistics";

const plugin = {
    startMs: 210,
    memoryMb: 70,
    resources: 300,
    busyMemoryMb: 80,
    requests: { "project create": 1 },
};
const context = {
    files: 50_000,
    firstMs: [900, 1100],
    furtherMs: 80,
    dockerBuildMs: [2000, 2000],
    oursToDockerBuild: 0.5,
};
const names = cases.map(({ name }) => name);

function contender(name: string): Contender {
    return { name, title: `title of ${name}`, open: () => Promise.reject(new Error("not opened")) };
}

/** The same times for every case. */
function everyCase(times: Record<string, readonly number[]>): Times {
    return Object.fromEntries(names.map((name) => [name, times]));
}

test("takes the mean of the two middle values as the median of an even number", () => {
    assert.equal(median([9, 1, 3]), 3);
    assert.equal(median([4, 1, 2, 9]), 3);
    assert.throws(() => median([]), /has no median/);
});

test("pairs the rounds in a ratio, so that a busy round does not count twice", () => {
    assert.equal(pairedRatio([10, 40, 12], [20, 80, 24]), 0.5);
    assert.throws(() => pairedRatio([1, 2], [1]), /round 2/);
});

test("reports every round, the medians and our ratio to each contender", () => {
    const contenders = [contender("us"), contender("them")];
    const times = everyCase({ us: [1, 2, 6], them: [2, 8, 6] });
    const results = resultsOf(new Date(0), contenders, times, { plugin, context });
    assert.equal(results.rounds, 3);
    assert.deepEqual(results.cases[0]?.contenders, {
        us: { seconds: [1, 2, 6], medianSeconds: 2, oursToThis: 1 },
        them: { seconds: [2, 8, 6], medianSeconds: 6, oursToThis: 0.5 },
    });
    const lines = tableOf(results, contenders).split("\n");
    assert.equal(lines[2]?.trim().replaceAll(/ {2,}/g, "|"), "title of us|title of them");
    assert.deepEqual(lines[3]?.split(/ {2,}/), [
        "nothing cached anywhere",
        "2.0 s",
        "6.0 s (0.50)",
    ]);
    assert.equal(
        lines.at(-1),
        "a context of 50000 files: 1000 ms for the first component of a run, 80 ms for each further " +
            "one; docker-build's own diff of an image takes 2000 ms (0.50)",
    );
});

test("runs every case of a bout, with the source changes and new runners of the case", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-bout-"));
    const main = join(folder, "cmd", "main.go");
    await mkdir(join(folder, "cmd"));
    await writeFile(main, "package main\n");
    const seen: string[] = [];
    let inits = 0;
    const only: Contender = {
        name: "only",
        title: "only",
        open: async (round) => {
            seen.push(`open ${round}`);
            return {
                sources: folder,
                run: async () => {
                    const now = readFileSync(main, "utf8").split("func init()").length - 1;
                    seen.push(now > inits ? "run changed" : "run");
                    inits = now;
                },
                close: async () => {
                    seen.push("close");
                },
            };
        },
    };
    const times = await runRounds({
        contenders: [only],
        rounds: 2,
        limitMs: 0,
        newRunner: async () => {
            seen.push("new runner");
        },
        log: () => {},
    });
    await rm(folder, { recursive: true });
    assert.deepEqual(seen, [
        "open 1",
        ...["new runner", "run"],
        "run",
        "run changed",
        ...["new runner", "run"],
        ...["new runner", "run changed"],
        "close",
    ]);
    assert.deepEqual(Object.keys(times), names);
    assert.equal(times["cold"]?.["only"]?.length, 1, "no second round within no time");
});
