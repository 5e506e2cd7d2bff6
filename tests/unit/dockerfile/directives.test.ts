import assert from "node:assert/strict";
import { test } from "node:test";
import {
    isKnownFrontend,
    isNewerFrontend,
    readDirectives,
} from "../../../src/dockerfile/directives";

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

test("knows the Dockerfile frontend by its name and version, including mirrors", () => {
    const known = [
        "docker/dockerfile",
        "docker/dockerfile:latest",
        "docker/dockerfile:1",
        "docker/dockerfile:1-labs",
        "docker/dockerfile:labs",
        "docker/dockerfile:1.2",
        "docker/dockerfile:1.7-labs",
        "docker/dockerfile:1.10",
        "docker/dockerfile:1.25.1",
        "docker.io/docker/dockerfile-upstream:1.4.0-rc1",
        `docker/dockerfile@sha256:${"0".repeat(64)}`,
        "harbor.example.com:8443/hub/docker/dockerfile:1.9@sha256:00",
    ];
    const others = [
        "docker/dockerfile:1.0-experimental",
        "docker/dockerfile:1.1.7",
        "docker/dockerfile:1.26",
        "docker/dockerfile:1.26-labs",
        "docker/dockerfile:2",
        "docker/dockerfile:master",
        "docker.io/docker/dockerfile-upstream:master",
        "docker/dockerfile-x",
        "mydocker/dockerfile2",
        "example/frontend:1",
    ];
    assert.deepEqual([...known, ...others].filter(isKnownFrontend), known);
    assert.deepEqual(
        [...known, ...others, "docker/dockerfile:2.0-labs", "docker/dockerfile:2"].filter(
            isNewerFrontend,
        ),
        [
            "docker/dockerfile:1.26",
            "docker/dockerfile:1.26-labs",
            "docker/dockerfile:master",
            "docker.io/docker/dockerfile-upstream:master",
        ],
    );
});
