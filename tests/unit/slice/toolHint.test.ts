import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";
import { toolHint } from "../../../src/slice/toolHint";

function hint(text: string, added = {}) {
    const dockerfile = parseDockerfile(text);
    const { stages } = findTargetReads(dockerfile, resolveStages(dockerfile));
    return toolHint(dockerfile, stages, added);
}

const go =
    "FROM golang AS build\nRUN set -e; \\\n  go build -o /app\nFROM alpine\nCOPY --from=build /app /\n";

test("names the mounts of a program that runs without its cache", () => {
    assert.deepEqual(hint(go), [
        'line 2: "go build" starts without its cache on a new runner. Fix: add cacheMounts: ' +
            '{ "build": ["/root/.cache/go-build", "/go/pkg/mod"] } and cache: { carryMounts: true }.',
    ]);
});

test("one hint is enough, for the first program", () => {
    const text =
        "FROM node AS deps\nRUN npm ci && pip install x\nFROM deps AS app\nRUN pnpm install\n";
    assert.deepEqual(
        hint(text).map((line) => /"[^"]*"/.exec(line)?.[0]),
        ['"npm ci"'],
    );
});

test("gives no hint for stages with mounts or without names, or for words that are not commands", () => {
    assert.deepEqual(hint(go, { Build: ["/root/.cache/go-build"] }), []);
    assert.deepEqual(hint(go.replace("RUN", "RUN --mount=type=cache,target=/c")), []);
    assert.deepEqual(hint("FROM golang\nRUN go build\n"), []);
    assert.deepEqual(hint("FROM golang AS a\nRUN cargo-go building && echo mvnw > /x\n"), []);
});
