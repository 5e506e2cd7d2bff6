import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuilderHistory, BuiltImage, Recorded } from "../../../../src/buildkit/builderHistory";
import { SaveRecorder } from "../../../../src/hooks/record/saveRecorder";
import type { SaveOutcome } from "../../../../src/mounts/outcome";
import type { MountSave } from "../../../../src/registry/mountSaves";
import type { MountSaves } from "../../../../src/report/model";

const save = (outcome: SaveOutcome, bytes: number, before?: number): MountSave => ({
    outcome,
    bytes,
    before,
    restore: "done",
});

/** What a recorder writes about the saves of mounts with the keys 0, 1, … */
async function recorded(saves: readonly MountSave[] | { reason: string }, found: Recorded) {
    const asked: BuiltImage[] = [];
    let time = 0;
    let written: MountSaves | undefined;
    const history: Pick<BuilderHistory, "find" | "remember"> = {
        remember: async (build) => void asked.push(build),
        find: async () => found,
    };
    const mounts = [..."012345"].map((digit) => ({ key: digit.repeat(10), id: `/m${digit}` }));
    const recorder = new SaveRecorder(
        {
            // Only these two methods are used.
            history: history as BuilderHistory,
            now: () => (time += 1000),
            change: (saves) => {
                written = saves;
            },
        },
        "reason" in saves ? mounts.slice(0, 1) : mounts.slice(0, saves.length),
    );
    const build = { tags: ["h/p/i/cache:s"] };
    await recorder.before(build);
    await recorder.after(build, saves);
    assert.deepEqual(asked, [build]);
    return written;
}

const vertices = [
    {
        id: "1",
        name: `[harbor-build-linux-save-${"0".repeat(10)} 3/3] RUN save /m0`,
        inputs: [],
        outcome: "ran" as const,
        error: "",
        ms: 800,
        runs: [],
        bytes: 0,
    },
];

test("records bytes and time of each save, and why the others were not kept", async () => {
    const saves = [
        save("saved", 23_700_000),
        save("empty", 100, 5000),
        save("empty", 100),
        save("tooLarge", 8192),
        save("noTar", 4096),
        save("shrunk", 20_000, 900_000),
    ];
    assert.deepEqual(await recorded(saves, { vertices, startedMs: 0, isPreviewed: false }), {
        startMs: 1000,
        ms: 1000,
        mounts: [
            { id: "/m0", result: "saved", bytes: 23_700_000, ms: 800 },
            { id: "/m1", result: "has its last save" },
            { id: "/m2", result: "has nothing to save" },
            { id: "/m3", result: "not saved: too large" },
            { id: "/m4", result: "not saved: the base image has no tar" },
            { id: "/m5", result: "not saved: much smaller than the last save" },
        ],
    });
});

test("records saves without times when no builder has a record", async () => {
    const written = await recorded([save("saved", 5)], { reason: "no record" });
    assert.deepEqual(written?.mounts, [{ id: "/m0", result: "saved", bytes: 5, ms: undefined }]);
});

test("does not hold up a build while a builder gives no answer", async () => {
    const history: Pick<BuilderHistory, "remember"> = { remember: () => new Promise(() => {}) };
    const recorder = new SaveRecorder(
        // Only this method is used.
        { history: history as BuilderHistory, now: () => 0, change: () => undefined },
        [],
    );
    const before = recorder.before({ tags: [] }).then(() => "goes on");
    const late = new Promise((resolve) => setTimeout(resolve, 1000, "waits"));
    assert.equal(await Promise.race([before, late]), "goes on");
});

test("records why nothing was saved", async () => {
    const written = await recorded({ reason: "the build wrote no save" }, { reason: "no record" });
    assert.deepEqual(written?.mounts, [
        { id: "/m0", result: "not saved: the build wrote no save" },
    ]);
});
