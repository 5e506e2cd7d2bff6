import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFacts, countSteps, firstRun } from "../../../src/report/steps";

const vertex = (id: string, name: string, more: object = {}) => ({
    id,
    name,
    inputs: [] as string[],
    outcome: "ran" as const,
    error: "",
    ms: 10,
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
            ["stage-1", "COPY --from=build /out /out", "ran", false],
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
