import assert from "node:assert/strict";
import { test } from "node:test";
import { DockerfileError, type DockerfileFailure, parseDockerfile } from "../../../src/dockerfile";

function failures(text: string): readonly DockerfileFailure[] {
    try {
        parseDockerfile(text);
    } catch (error) {
        assert.ok(error instanceof DockerfileError);
        return error.failures;
    }
    return [];
}

test("reports every fault with its line, in order", () => {
    const text = "FROM a b\nRUM x\nCOPY y\nCOPY --form=z a b\nENV n\nFROM c AS 1st\n";
    assert.deepEqual(failures(text), [
        { line: 1, reason: 'FROM a b: expected "FROM image" or "FROM image AS name"' },
        { line: 2, reason: "unknown instruction RUM; did you mean RUN?" },
        { line: 3, reason: "COPY y: expected at least one source and a destination" },
        { line: 4, reason: "COPY has no flag --form; did you mean --from?" },
        { line: 5, reason: "ENV n: expected n=value" },
        {
            line: 6,
            reason: 'stage name "1st": expected a letter, then letters, digits, "-", "_" or "."',
        },
    ]);
});

test("has a line for each fault in the error's message", () => {
    assert.throws(() => parseDockerfile("FROM a\nRUM x\nCOPY y\n"), {
        name: "DockerfileError",
        message:
            "line 2: unknown instruction RUM; did you mean RUN?\n" +
            "line 3: COPY y: expected at least one source and a destination",
    });
});

test("rejects a file without FROM, and instructions before FROM", () => {
    assert.deepEqual(failures(""), [{ reason: "FROM is missing; a Dockerfile begins with FROM" }]);
    assert.deepEqual(failures("ARG a\n"), [
        { reason: "FROM is missing; a Dockerfile begins with FROM" },
    ]);
    assert.deepEqual(failures("ARG a\nRUN x\nFROM b\n"), [
        { line: 2, reason: "RUN before the first FROM; only ARG is allowed there" },
    ]);
});

test("rejects flags that are unknown, repeated, without a value or without a boolean", () => {
    const text =
        "FROM --platfrom=x a\nCOPY --from=a --from=b c d\nCOPY --chown c d\n" +
        "ADD --link=maybe c d\nWORKDIR --x /y\nCOPY --quite-other=1 c d\n";
    assert.deepEqual(
        failures(text).map(({ reason }) => reason),
        [
            "FROM has no flag --platfrom; did you mean --platform?",
            "COPY --from may appear only once",
            "COPY --chown needs a value: --chown=…",
            "ADD --link=maybe: expected true or false",
            "WORKDIR has no flag --x; it takes none; if a newer frontend accepts it, use SlicePolicy.Whole",
            "COPY has no flag --quite-other; it takes --from, --chown, --chmod, --link, " +
                "--parents, --exclude; if a newer frontend accepts it, use SlicePolicy.Whole",
        ],
    );
});

test("checks the instructions that read nothing as BuildKit does", () => {
    const text =
        'FROM a\nWORKDIR\nEXPOSE\nVOLUME\nSHELL sh\nCMD ["a", 1]\nHEALTHCHECK RUN x\n' +
        "HEALTHCHECK NONE x\nHEALTHCHECK --interval=soon CMD x\nHEALTHCHECK --retries=-1 CMD x\n" +
        "HEALTHCHECK CMD\nONBUILD ONBUILD RUN x\nONBUILD FROM x\nONBUILD\nARG\nARG =x\nLABEL a\n";
    assert.deepEqual(
        failures(text).map(({ reason }) => reason),
        [
            "WORKDIR needs exactly one argument",
            "EXPOSE needs a port",
            "VOLUME needs paths that are not empty",
            'SHELL sh: expected a JSON array such as ["/bin/sh", "-c"]',
            "a JSON array may contain only strings, not 1",
            "HEALTHCHECK RUN x: expected HEALTHCHECK NONE or HEALTHCHECK CMD …",
            "HEALTHCHECK NONE takes no arguments",
            "HEALTHCHECK --interval=soon: expected a time of 1ms or more, such as 30s or 1m30s",
            "HEALTHCHECK --retries=-1: expected a number, 0 or more",
            "HEALTHCHECK CMD needs a command",
            "ONBUILD ONBUILD is not allowed",
            "ONBUILD FROM is not allowed",
            "ONBUILD needs an instruction",
            "ARG needs a name",
            "ARG =x: the name is missing",
            "LABEL a: expected a=value",
        ],
    );
});

test("accepts every file for another frontend, even one that is not a Dockerfile", () => {
    const reason = "the frontend example/x:1 reads the file, possibly differently";
    assert.equal(parseDockerfile("# syntax=example/x:1\nFROM a\n").opaque, reason);
    const strange = parseDockerfile("# syntax=example/x:1\nsteps:\n  - make\n");
    assert.equal(strange.opaque, reason);
    assert.deepEqual(strange.stages, []);
    assert.equal(parseDockerfile("# syntax=docker/dockerfile:1\nFROM a\n").opaque, undefined);
});
