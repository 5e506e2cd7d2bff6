import assert from "node:assert/strict";
import { test } from "node:test";
import { isDockerfileFrontend, readDirectives } from "../../../src/dockerfile/directives";

test("reads directives at the head, in any case and with blanks", () => {
    assert.deepEqual(readDirectives(["#  Syntax = a/b:1", "# ESCAPE=`", "FROM x"]), {
        escape: "`",
        syntax: "a/b:1",
        headCount: 2,
    });
});

test("ends the directives at a comment, an unknown name or a blank line", () => {
    for (const first of ["# a comment", "# version=1", ""]) {
        assert.equal(readDirectives([first, "# escape=`"]).escape, "\\");
    }
});

test("rejects a repeated directive and an invalid escape", () => {
    assert.throws(() => readDirectives(["# escape=`", "# escape=`"]), {
        message: 'the parser directive "escape" may appear only once',
    });
    assert.throws(() => readDirectives(["# escape=x"]), {
        message: "escape=x: expected \\ or `",
    });
});

test("finds a frontend after a shebang, in // comments and in JSON", () => {
    assert.equal(readDirectives(["#!/usr/bin/x", "# syntax=a"]).syntax, "a");
    assert.equal(readDirectives(["// syntax=b c"]).syntax, "b");
    assert.equal(readDirectives(['{ "syntax": "c" }']).syntax, "c");
    assert.equal(readDirectives(["FROM a", "# syntax=d"]).syntax, undefined);
});

test("ignores a frontend on an indented line, although the line is a directive", () => {
    assert.deepEqual(readDirectives(["  # syntax=e/x", "# escape=`", "FROM a"]), {
        escape: "`",
        syntax: undefined,
        headCount: 2,
    });
});

test("counts directives after a shebang as head, except for the escape", () => {
    assert.deepEqual(readDirectives(["#!/x", "# escape=`", "# check=skip=all", "# x"]), {
        escape: "\\",
        syntax: undefined,
        headCount: 3,
    });
});

test("knows the Dockerfile frontend by its name, including mirrors", () => {
    assert.deepEqual(
        [
            "docker/dockerfile",
            "docker/dockerfile:1.7-labs",
            "docker.io/docker/dockerfile-upstream:master",
            "harbor.example.com:8443/hub/docker/dockerfile:1@sha256:00",
        ].map(isDockerfileFrontend),
        [true, true, true, true],
    );
    assert.deepEqual(
        ["docker/dockerfile-x", "mydocker/dockerfile2", "example/frontend:1"].map(
            isDockerfileFrontend,
        ),
        [false, false, false],
    );
});
