import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFacts, countSteps, firstRun, packTimes } from "../../../src/report/steps";

const vertex = (id: string, name: string, more: object = {}) => ({
    id,
    name,
    inputs: [] as string[],
    outcome: "ran" as const,
    error: "",
    ms: 10,
    runs: [],
    bytes: 0,
    ...more,
});

test("lists the steps of a build after those that they depend on, without BuildKit's own vertices", () => {
    const facts = buildFacts([
        vertex("3", "[stage-1 2/2] COPY --from=build /out /out", { inputs: ["2", "0"] }),
        vertex("2", "[linux/arm64 build 2/2] RUN make", { inputs: ["1"], outcome: "cached" }),
        vertex("1", "[linux/arm64 build 1/2] FROM docker.io/library/golang:1.26"),
        vertex("0", "[internal] load build context"),
        vertex("4", "importing cache manifest from h/c:dev", { error: "not found" }),
        vertex("5", "[2/3] RUN\n  true"),
    ]);
    assert.deepEqual(
        facts.steps.map(({ stage, text, state, isBase }) => [stage, text, state, isBase]),
        [
            ["build", "FROM docker.io/library/golang:1.26", "ran", true],
            ["build", "RUN make", "cached", false],
            ["final stage", "COPY --from=build /out /out", "ran", false],
            [undefined, "RUN\n  true", "ran", false],
        ],
    );
    assert.deepEqual(facts.imports, [{ reference: "h/c:dev", error: "not found" }]);
    assert.deepEqual(countSteps(facts), { cached: 1, ran: 2, failed: 0, stopped: 0 });
    assert.equal(firstRun(facts)?.id, "3");
});

test("counts a step only once if two parallel builds share it", () => {
    const facts = buildFacts([
        vertex("3", "[build 1/1] COPY cmd cmd", { inputs: ["2"] }),
        vertex("2", "[base 2/2] RUN make", { inputs: ["1"], outcome: "cached", ms: 0 }),
        vertex("1", "[base 1/2] COPY lib lib", { outcome: "stopped", ms: 0 }),
        vertex("b", "[base 2/2] RUN make", { inputs: ["a"], ms: 200 }),
        vertex("a", "[base 1/2] COPY lib lib", { ms: 100 }),
    ]);
    assert.deepEqual(
        facts.steps.map(({ text, state, ms, inputs }) => [text, state, ms, inputs]),
        [
            ["COPY lib lib", "ran", 100, []],
            ["RUN make", "ran", 200, ["1"]],
            ["COPY cmd cmd", "ran", 10, ["2"]],
        ],
    );
});

const key = "df9cd800c6";
const restoreStage = `harbor-build-linux-restore-${key}`;
const mounts = [{ key, id: "/root/.cache/go-build" }];
/** A vertex with one run. */
const ran = (id: string, name: string, [startMs, endMs]: readonly [number, number], more = {}) =>
    vertex(id, name, { ms: endMs - startMs, runs: [{ startMs, endMs }], ...more });
/** A build that restores a mount, as BuildKit records it. */
const restoring = (more = {}) => [
    ran("from", `[${restoreStage} 1/3] FROM docker.io/library/golang:1.26@sha256:0c`, [1100, 1200]),
    ran("saved", `[harbor-build-saved-${key} 1/1] WORKDIR /harbor-build-${key}`, [1100, 1400], {
        outcome: "cached",
        bytes: 23_700_000,
    }),
    ran("folder", `[${restoreStage} 2/3] WORKDIR /.harbor-build-restored`, [1400, 1450], {
        inputs: ["from"],
    }),
    ran("restore", `[${restoreStage} 3/3] RUN --mount=type=cache,id=a restore /m`, [1450, 1950], {
        inputs: ["folder", "saved"],
        ...more,
    }),
    ran("own", "[build 2/2] RUN --mount=type=cache,id=a go build", [1950, 4000], {
        inputs: ["from", "restore"],
    }),
    ran("copy", "[stage-5 1/1] COPY --from=build /app .", [4000, 4100], { inputs: ["own"] }),
    ran("push", "exporting to image", [4100, 5000], { outcome: "cached" }),
    ran("cache", "exporting cache to registry", [4500, 5300]),
];

test("leaves out the stages that restore mounts, and names the user's stages as the user does", () => {
    const { steps, exports } = buildFacts(restoring(), {
        asWritten: (text) => text.replace(/ --mount=\S+/, ""),
    });
    assert.deepEqual(
        steps.map(({ stage, text }) => [stage, text]),
        [
            ["build", "FROM docker.io/library/golang:1.26@sha256:0c"],
            ["build", "RUN go build"],
            ["final stage", "COPY --from=build /app ."],
        ],
    );
    assert.deepEqual(
        exports.map(({ text, state, ms }) => [text, state, ms]),
        [
            ["exporting to image", "ran", 900],
            ["exporting cache to registry", "ran", 800],
        ],
    );
    assert.equal(firstRun(buildFacts(restoring()))?.id, "own");
});

test("shows what a build restored, with the time of the download", () => {
    assert.deepEqual(buildFacts(restoring(), { mounts }).mounts, [
        { id: "/root/.cache/go-build", result: "restored", bytes: 23_700_000, ms: 800 },
    ]);
    assert.deepEqual(buildFacts(restoring({ outcome: "cached" }), { mounts }).mounts, []);
    assert.deepEqual(buildFacts(restoring({ outcome: "failed" }), { mounts }).mounts, [
        { id: "/root/.cache/go-build", result: "restore failed", ms: 500 },
    ]);
});

test("divides the time of a build among its kinds of work, joins what overlaps, and ignores what ran before it", () => {
    const earlier = ran("old", "[build 1/2] COPY a b", [500, 900]);
    assert.deepEqual(buildFacts([earlier, ...restoring()], { startedMs: 1000 }).spans, [
        { kind: "base", startMs: 100, ms: 100 },
        { kind: "restore", startMs: 100, ms: 850 },
        { kind: "steps", startMs: 950, ms: 2150 },
        { kind: "push", startMs: 3100, ms: 1200 },
    ]);
});

test("finds the time in which each mount was packed", () => {
    const times = packTimes([
        ran("1", `[harbor-build-linux-save-${key} 2/3] WORKDIR /.harbor-build-saved/files`, [1, 2]),
        ran("2", `[harbor-build-linux-save-${key} 3/3] RUN --mount=type=cache save /m`, [2, 802]),
        ran("3", `[stage-2 1/1] COPY --from=harbor-build-linux-save-${key} /a /`, [802, 900]),
    ]);
    assert.deepEqual([...times], [[key, 800]]);
});
