import assert from "node:assert/strict";
import { test } from "node:test";
import { pinnedLocation, pinsOf, tagWithBases, unpinnable } from "../../../src/bases/pins";
import { type BuildOptions, parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function readsAndFile(text: string, options: BuildOptions = {}) {
    const dockerfile = parseDockerfile(text);
    return {
        dockerfile,
        reads: findTargetReads(dockerfile, resolveStages(dockerfile, options), options),
    };
}

/** The pins of a Dockerfile's target: reference and line. */
const pins = (text: string, options: BuildOptions = {}) =>
    pinsOf(readsAndFile(text, options).reads).map(({ reference, line }) => [reference, line]);

const reasons = (text: string, options: BuildOptions = {}) => {
    const { dockerfile, reads } = readsAndFile(text, options);
    return unpinnable(dockerfile, reads);
};

test("pins each image in FROM, COPY --from and RUN --mount once, at its first line", () => {
    const text = [
        "FROM golang:1.22 AS build",
        "RUN --mount=from=busybox:1,target=/tools /tools/make",
        "FROM alpine:3.22",
        "COPY --from=build /app /app",
        "COPY --from=nginx:1.27 /etc/nginx /etc/nginx",
        "COPY --from=golang:1.22 /usr/local/go/LICENSE /",
        "",
    ].join("\n");
    assert.deepEqual(pins(text), [
        ["alpine:3.22", 3],
        ["busybox:1", 2],
        ["golang:1.22", 1],
        ["nginx:1.27", 5],
    ]);
});

test("does not pin images of stages that the target does not need", () => {
    const text = "FROM golang:1.22 AS build\nFROM node:22 AS docs\nFROM alpine:3.22 AS app\n";
    assert.deepEqual(pins(text, { target: "build" }), [["golang:1.22", 1]]);
    assert.deepEqual(pins(text), [["alpine:3.22", 3]]);
});

test("does not pin scratch, stages and their numbers", () => {
    const text =
        "FROM scratch AS one\nFROM one AS two\nFROM scratch\nCOPY --from=0 a b\nCOPY --from=two a b\n";
    assert.deepEqual(pins(text), []);
});

test("leaves images to the user's named contexts, in every spelling", () => {
    const text =
        "FROM docker.io/library/golang:1.22 AS build\nFROM alpine\nCOPY --from=build a b\n";
    assert.deepEqual(pins(text, { namedContexts: ["golang:1.22"] }), [["alpine:latest", 2]]);
    assert.deepEqual(pins(text, { namedContexts: ["build", "alpine"] }), []);
});

test("does not pin an image that already names a digest", () => {
    const text = `FROM golang:1.22@${digest("a")}\nCOPY --from=alpine@${digest("b")} a b\n`;
    assert.deepEqual(pins(text), []);
});

test("makes one pin of all spellings of an image: Docker Hub's host, its library, the tag latest", () => {
    const text = [
        "FROM docker.io/library/golang AS a",
        "FROM golang:latest AS b",
        "FROM index.docker.io/golang",
        "COPY --from=a x y",
        "COPY --from=b x y",
        "COPY --from=library/golang x y",
        "",
    ].join("\n");
    assert.deepEqual(pins(text), [["golang:latest", 1]]);
});

test("keeps hosts, ports and paths", () => {
    const text =
        "FROM harbor.example.com/proxy/library/golang:1.22 AS a\n" +
        "FROM localhost:5000/base\nCOPY --from=a x y\nCOPY --from=bitnami/redis x y\n";
    assert.deepEqual(pins(text), [
        ["bitnami/redis:latest", 4],
        ["harbor.example.com/proxy/library/golang:1.22", 1],
        ["localhost:5000/base:latest", 2],
    ]);
});

test("expands variables in FROM", () => {
    const text = "ARG GO=1.21\nFROM --platform=$BUILDPLATFORM golang:$GO-alpine\n";
    assert.deepEqual(pins(text), [["golang:1.21-alpine", 2]]);
    assert.deepEqual(pins(text, { buildArgs: { GO: "1.22" } }), [["golang:1.22-alpine", 2]]);
    assert.deepEqual(pins("FROM app-$TARGETARCH\n", { platform: "linux/arm64" }), [
        ["app-arm64:latest", 1],
    ]);
});

test("explains why a base that depends on an unknown value cannot be pinned", () => {
    const unknown = { unknown: "the build argument BASE is known only when the program runs" };
    assert.deepEqual(reasons("ARG BASE\nFROM $BASE\n", { buildArgs: { BASE: unknown } }), [
        { line: 2, reason: `"FROM $BASE": ${unknown.unknown}` },
    ]);
    assert.deepEqual(reasons("ARG BASE=alpine\nFROM $BASE\n"), []);
});

test("cannot pin the bases of a file that another frontend reads", () => {
    assert.deepEqual(reasons("# syntax=example.com/other\nFROM alpine\n"), [
        { reason: "the frontend example.com/other reads the file, possibly differently" },
    ]);
    assert.deepEqual(reasons("# syntax=docker/dockerfile:2.0\nFROM alpine\n"), [
        { reason: "the frontend docker/dockerfile:2.0 reads the file, possibly differently" },
    ]);
});

test("pins the bases of a file that a newer version of BuildKit's frontend reads", () => {
    const newer = ["docker/dockerfile:1.99", "docker.io/docker/dockerfile-upstream:master"];
    for (const syntax of newer) {
        assert.deepEqual(reasons(`# syntax=${syntax}\nFROM alpine\n`), [], syntax);
    }
    const head = "# syntax=docker/dockerfile:1.99\n";
    assert.deepEqual(pins(`${head}FROM alpine\nCOPY --from=busybox:1 a b\n`), [
        ["alpine:latest", 2],
        ["busybox:1", 3],
    ]);
    const buildArgs = { BUILDKIT_SYNTAX: "example.com/other" };
    assert.deepEqual(reasons(`${head}FROM alpine\n`, { buildArgs }), [
        {
            reason: "the build argument BUILDKIT_SYNTAX names another frontend, which may read the file differently",
        },
    ]);
});

test("cannot pin bases when it does not understand the file of a newer frontend", () => {
    const dockerfile = parseDockerfile("# syntax=docker/dockerfile:1.99\nFROM alpine\nNEW x\n");
    const reads = { stages: [], whole: [], beyond: String(dockerfile.opaque) };
    assert.deepEqual(unpinnable(dockerfile, reads), [
        {
            reason: "syntax=docker/dockerfile:1.99 is newer than the component knows, and the component does not understand the file; expected syntax of docker/dockerfile:1.25 or older",
        },
    ]);
});

test("cannot pin bases with a frontend older than named contexts, and can with later frontends or without a named one", () => {
    const of = (tag: string) => reasons(`# syntax=docker/dockerfile:${tag}\nFROM alpine\n`);
    for (const tag of ["1.0", "1.2", "1.3", "1.3.1", "1.2-labs"]) {
        assert.deepEqual(of(tag), [
            {
                line: 1,
                reason: `syntax=docker/dockerfile:${tag} has no named contexts, which the component needs to pin base images; expected docker/dockerfile:1.4 or newer`,
            },
        ]);
    }
    for (const tag of ["1", "1.4", "1.10", "1.25", "1-labs", "latest"]) {
        assert.deepEqual(of(tag), [], tag);
    }
});

test("gives a base another name if a needed stage has its name", () => {
    const contexts = (text: string) =>
        pinsOf(readsAndFile(text).reads).map(({ reference, context }) => [reference, context]);
    assert.deepEqual(contexts("FROM alpine AS alpine\n"), [
        ["alpine:latest", "alpine:latest-pinned"],
    ]);
    assert.deepEqual(contexts("FROM alpine AS base\nFROM base AS Alpine\n"), [
        ["alpine:latest", "alpine:latest-pinned"],
    ]);
    assert.deepEqual(contexts("FROM alpine:3 AS alpine\n"), [["alpine:3", "alpine:3"]]);
    assert.deepEqual(contexts("FROM busybox AS alpine\nFROM alpine:3\n"), [
        ["alpine:3", "alpine:3"],
    ]);
});

test("pins an image to its own reference with the digest", () => {
    const pin = { reference: "alpine:latest", context: "alpine:latest-pinned", line: 1 };
    assert.equal(
        pinnedLocation(pin, { "alpine:latest": digest("a") }),
        `docker-image://alpine:latest@${digest("a")}`,
    );
});

test("makes the same tag for the same bases in any order, with any other named contexts", () => {
    const [a, b] = ["a:1", "b:1"].map((reference) => ({ reference, context: reference, line: 1 }));
    assert.ok(a && b);
    const digests = { "b:1": digest("b"), "a:1": digest("a"), "c:1": digest("c") };
    const tag = tagWithBases("src-0123456789ab", [a, b], digests);
    assert.match(tag, /^src-[0-9a-f]{32}$/);
    assert.equal(tagWithBases("src-0123456789ab", [b, a, b], digests), tag);
    assert.equal(tagWithBases("src-0123456789ab", [a, b], { ...digests, "c:1": "moved" }), tag);
    const moved = { ...digests, "b:1": digest("d") };
    assert.notEqual(tagWithBases("src-0123456789ab", [a, b], moved), tag);
    assert.equal(tagWithBases("src-0123456789ab", [], digests), "src-0123456789ab");
});
