import assert from "node:assert/strict";
import { test } from "node:test";
import {
    type BuildOptions,
    DockerfileError,
    parseDockerfile,
    resolveStages,
} from "../../../src/dockerfile";
import { isRemoteSource } from "../../../src/dockerfile/paths";
import { readsOf } from "../../../src/dockerfile/reads";

function reads(text: string, options: BuildOptions = {}) {
    const dockerfile = parseDockerfile(text);
    return readsOf(dockerfile, resolveStages(dockerfile, options), options);
}

function paths(text: string, options: BuildOptions = {}) {
    return reads(text, options).stages.flatMap(({ context }) => context.map(({ path }) => path));
}

test("COPY reads its sources, cleaned, from the root of the context", () => {
    assert.deepEqual(paths("FROM scratch\nCOPY . ./a/ /b/../c d*/e ../../f /x/\n"), [
        "",
        "a",
        "c",
        "d*/e",
        "f",
    ]);
});

test("what comes from stages, URLs and here-documents reads nothing", () => {
    const text =
        "FROM scratch AS a\nFROM scratch\nCOPY --from=a x y\nADD https://e.com/a git@e.com:b /x\n" +
        "COPY <<A /x\nA\n";
    assert.deepEqual(paths(text), []);
});

test("a read tells its instruction, line, wildcards, --parents and --exclude", () => {
    const { stages } = reads("FROM scratch\n\nCOPY --parents --exclude=*.md a/./b* /x/\n");
    assert.deepEqual(stages[0]?.context, [
        {
            instruction: "COPY",
            line: 3,
            written: "a/./b*",
            path: "a",
            wildcards: false,
            include: "b*",
            exclude: ["*.md"],
        },
    ]);
});

test("bind mounts of the context read their source, or all of it", () => {
    const text =
        "FROM scratch\nRUN --mount=source=go.mod,target=/m --mount=type=bind,target=/all x\n";
    assert.deepEqual(
        reads(text).stages[0]?.context.map(({ instruction, path }) => [instruction, path]),
        [
            ["RUN", "go.mod"],
            ["RUN", ""],
        ],
    );
});

test("caches, secrets and ssh agents have the ids BuildKit gives them", () => {
    const text =
        "FROM scratch\nRUN --mount=type=cache,target=/c/./d/ --mount=type=cache,id=m,target=/e " +
        "--mount=type=secret,target=/run/npmrc,required --mount=type=secret,source=tok " +
        "--mount=type=ssh x\n";
    const stage = reads(text).stages[0];
    assert.deepEqual(
        stage?.caches.map(({ id }) => id),
        ["/c/d", "m"],
    );
    assert.deepEqual(stage?.secrets, [
        { line: 2, id: "npmrc", required: true },
        { line: 2, id: "tok", required: false },
    ]);
    assert.deepEqual(stage?.ssh, [{ line: 2, id: "default", required: false }]);
});

test("a variable of the base image makes it all of the context, unless the image is known", () => {
    const text = "FROM golang:1\nCOPY $GOPATH/x /y\n";
    assert.deepEqual(reads(text).whole, [
        {
            line: 2,
            reason:
                "COPY $GOPATH/x: $GOPATH is not set in the Dockerfile and the image golang:1 " +
                "may set it",
        },
    ]);
    const baseImages = { "golang:1": { env: { GOPATH: "/go" }, triggers: [] } };
    assert.deepEqual(paths(text, { baseImages }), ["go/x"]);
});

test("a build argument whose value is unknown makes it all of the context", () => {
    const text = "FROM scratch\nARG dir=a\nCOPY $dir /x\n";
    const buildArgs = { dir: { unknown: "the value of dir is known after the update only" } };
    assert.deepEqual(reads(text, { buildArgs }).whole, [
        { line: 3, reason: "COPY $dir: the value of dir is known after the update only" },
    ]);
});

test("treats every argument as unknown, and anything as read, when no build argument is known", () => {
    const text =
        "FROM scratch AS a\nFROM $TARGETARCH AS b\nFROM scratch\nARG F=a\nCOPY $F*.txt /x/\n";
    const found = reads(text, { buildArgs: "unknown", platform: "linux/amd64" });
    const reason = "the build arguments are known only when the program runs";
    assert.equal(found.beyond, reason);
    assert.deepEqual(found.whole, [
        { line: 1, reason },
        { line: 5, reason: `COPY $F*.txt: ${reason}` },
    ]);
    const dockerfile = parseDockerfile(text);
    const { stages } = resolveStages(dockerfile, { buildArgs: "unknown" });
    assert.deepEqual(
        stages.map(({ base }) => base.kind),
        ["scratch", "unknown", "scratch"],
    );
});

test("platform variables are known when the platform is given", () => {
    const text =
        "FROM scratch\nARG TARGETOS TARGETARCH TARGETVARIANT\nCOPY $TARGETOS-$TARGETARCH-$TARGETVARIANT /x\n";
    assert.equal(reads(text).whole.length, 1);
    assert.deepEqual(paths(text, { platform: "linux/arm64/v8" }), ["linux-arm64-v8"]);
});

test("a stage begins with the variables its base stage ends with", () => {
    const text = "FROM scratch AS a\nENV d=x\nARG e=y\nFROM a\nCOPY $d $e /z/\n";
    assert.deepEqual(paths(text), ["x", "y"]);
});

test("triggers of a base image that is not known are assumed away, and it is said", () => {
    assert.deepEqual(reads("FROM golang:1\nCOPY a b\n").assumptions, [
        "golang:1 carries no ONBUILD triggers",
    ]);
});

test("an image that is called onbuild is not assumed to carry none", () => {
    assert.deepEqual(reads("FROM node:8-onbuild\n").whole, [
        {
            line: 1,
            reason: "the image node:8-onbuild may carry ONBUILD triggers that copy files",
        },
    ]);
});

test("triggers of a known base image read like instructions of the stage", () => {
    const baseImages = { base: { env: {}, triggers: ["COPY package.json /app/"] } };
    const { stages, assumptions } = reads("FROM base\n", { baseImages });
    assert.deepEqual(
        stages[0]?.context.map(({ line, path }) => [line, path]),
        [[1, "package.json"]],
    );
    assert.deepEqual(assumptions, []);
});

test("another frontend may read anything", () => {
    assert.deepEqual(reads("# syntax=e/x:1\nFROM scratch\nCOPY a b\n").whole, [
        { line: 2, reason: "the frontend e/x:1 reads it, which may read it differently" },
    ]);
    const buildArgs = { BUILDKIT_SYNTAX: "e/x:1" };
    assert.equal(reads("FROM scratch\n", { buildArgs }).whole.length, 1);
});

test("faults of the stages that are built are reported at once, of others not", () => {
    const text =
        "FROM scratch AS broken\nCOPY ${ /x\nFROM scratch\nCOPY https://e.com/a /x\n" +
        "RUN --mount=type=band x\n";
    assert.throws(
        () => reads(text),
        (error: unknown) => {
            assert.ok(error instanceof DockerfileError);
            assert.deepEqual(error.failures, [
                {
                    line: 4,
                    reason:
                        "COPY https://e.com/a: COPY takes files of the context only; ADD " +
                        "fetches URLs",
                },
                {
                    line: 5,
                    reason: '--mount=type=band: type "band" is none of bind, cache, tmpfs, secret, ssh',
                },
            ]);
            return true;
        },
    );
});

test("URLs and git addresses are remote, names that look like hosts are not", () => {
    assert.deepEqual(
        ["https://e.com/a", "HTTP://e", "git://e", "ssh://e", "git@e.com:a/b"].map(isRemoteSource),
        [true, true, true, true, true],
    );
    assert.deepEqual(["github.com/a/b", "a:b", "file://a", "./git@e.com:a"].map(isRemoteSource), [
        false,
        false,
        false,
        false,
    ]);
});
