import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../../src/dockerfile";
import { findFailedRun } from "../../../src/dockerfile/failedRun";

const dockerfile = parseDockerfile(
    [
        "FROM golang AS build",
        "# a comment",
        "RUN --mount=type=cache,target=/root/.cache \\",
        "    go  build \\",
        '    -ldflags="-s" ./cmd',
        'RUN ["make", "-j2", "all"]',
        "FROM alpine",
        "RUN all",
        "RUN all",
        `RUN ${"x".repeat(130)}`,
        "",
    ].join("\n"),
);

const fault = (command: string, suffix = "exit code: 2") =>
    `failed to solve: process ${JSON.stringify(command)} did not complete successfully: ${suffix}`;

test("a failed RUN is found by its command, with the line where it begins in the whole file", () => {
    assert.equal(
        findFailedRun(dockerfile, fault('/bin/sh -c go  build     -ldflags="-s" ./cmd')),
        'line 3: RUN go build -ldflags="-s" ./cmd',
    );
});

test("a RUN in the form of a list is found as well, before one that ends in its last word", () => {
    assert.equal(findFailedRun(dockerfile, fault("make -j2 all")), "line 6: RUN make -j2 all");
});

test("when two RUNs read the same, both lines are told", () => {
    assert.equal(
        findFailedRun(dockerfile, fault("/bin/sh -c all", "exit code: 127")),
        "line 8 or 9: RUN all",
    );
});

test("a long command is cut off", () => {
    assert.equal(
        findFailedRun(dockerfile, fault(`/bin/sh -c ${"x".repeat(130)}`)),
        `line 10: RUN ${"x".repeat(120)}…`,
    );
});

test("nothing is said of other failures and of commands that are not there", () => {
    assert.equal(findFailedRun(dockerfile, "failed to solve: alpine: not found"), undefined);
    assert.equal(findFailedRun(dockerfile, fault("/bin/sh -c nothing of ours")), undefined);
});
