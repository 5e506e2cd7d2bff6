import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../../src/dockerfile/parse";
import { asWritten, type RunFlags, withFlags } from "../../../src/slice/runFlags";

const flags: RunFlags = {
    added: ["type=cache,target=/added", "type=bind,from=harbor-build-linux-restore-1,target=/r"],
    replaced: new Map([["type=cache,target=/m", "type=cache,target=/m,id=h/p:/m"]]),
};

for (const run of [
    "RUN make",
    "RUN --mount=type=cache,target=/m --network=none make --mount=type=cache,target=/added",
    "RUN --mount=type=cache,target=/other  --mount=type=cache,target=/m make",
]) {
    test(`shows ${run} as the user wrote it`, () => {
        const [stage] = parseDockerfile(`FROM a\n${run}\n`).stages;
        const instruction = stage?.instructions.find(({ body }) => body.kind === "run");
        assert.ok(instruction);
        const [changed] = withFlags(instruction, flags);
        assert.notEqual(changed?.text, run);
        assert.equal(asWritten(changed?.text ?? "", [flags]), run);
    });
}

test("shows a mount with a variable, which BuildKit has replaced", () => {
    const replaced = new Map([["type=cache,target=$M", "type=cache,target=$M,id=h/p:/m"]]);
    assert.equal(
        asWritten("RUN --mount=type=cache,target=/m,id=h/p:/m make", [{ added: [], replaced }]),
        "RUN --mount=type=cache,target=/m make",
    );
});

test("leaves steps that are no RUN, and arguments of commands, as they are", () => {
    for (const text of [
        "COPY --mount=type=cache,target=/added a",
        "RUN make --mount=type=cache,target=/added all",
    ]) {
        assert.equal(asWritten(text, [flags]), text);
    }
});
