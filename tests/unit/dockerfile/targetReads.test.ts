// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are parts of Dockerfiles
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    type BuildOptions,
    DockerfileError,
    parseDockerfile,
    resolveStages,
} from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";

function reads(text: string, options: BuildOptions = {}) {
    const dockerfile = parseDockerfile(text);
    return findTargetReads(dockerfile, resolveStages(dockerfile, options), options);
}

function paths(text: string, options: BuildOptions = {}) {
    return reads(text, options).stages.flatMap(({ context }) => context.map(({ path }) => path));
}

test("reads the sources of COPY, cleaned, from the root of the context", () => {
    assert.deepEqual(paths("FROM scratch\nCOPY . ./a/ /b/../c d*/e ../../f /x/\n"), [
        "",
        "a",
        "c",
        "d*/e",
        "f",
    ]);
});

test("reads nothing from the context for stages, URLs and here-documents", () => {
    const text =
        "FROM scratch AS a\nFROM scratch\nCOPY --from=a x y\nADD https://e.com/a git@e.com:b /x\n" +
        "COPY <<A /x\nA\n";
    assert.deepEqual(paths(text), []);
});

test("describes a read by instruction, line, wildcards, --parents and --exclude", () => {
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

test("reads the source of a bind mount of the context, or the whole context", () => {
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

test("gives caches, secrets and ssh agents the ids of BuildKit", () => {
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

test("may read the whole context with a variable of the base image, unless the image is known", () => {
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

test("may read the whole context with an unknown build argument", () => {
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

test("knows platform variables when the platform is given", () => {
    const text =
        "FROM scratch\nARG TARGETOS TARGETARCH TARGETVARIANT\nCOPY $TARGETOS-$TARGETARCH-$TARGETVARIANT /x\n";
    assert.equal(reads(text).whole.length, 1);
    assert.deepEqual(paths(text, { platform: "linux/arm64/v8" }), ["linux-arm64-"]);
});

test("starts a stage with the variables at the end of its base stage", () => {
    const text = "FROM scratch AS a\nENV d=x\nARG e=y\nFROM a\nCOPY $d $e /z/\n";
    assert.deepEqual(paths(text), ["x", "y"]);
});

test("does not assume that an image called onbuild has no triggers", () => {
    assert.deepEqual(reads("FROM node:8-onbuild\n").whole, [
        {
            line: 1,
            reason: "the image node:8-onbuild may have ONBUILD triggers that copy files",
        },
    ]);
});

test("reads for triggers of a known base image like for instructions of the stage", () => {
    const baseImages = { base: { env: {}, triggers: ["COPY package.json /app/"] } };
    const { stages } = reads("FROM base\n", { baseImages });
    assert.deepEqual(
        stages[0]?.context.map(({ line, path }) => [line, path]),
        [[1, "package.json"]],
    );
});

test("may read anything with another frontend", () => {
    assert.deepEqual(reads("# syntax=e/x:1\nFROM scratch\nCOPY a b\n").whole, [
        { line: 2, reason: "the frontend e/x:1 reads the file, possibly differently" },
    ]);
    const buildArgs = { BUILDKIT_SYNTAX: "e/x:1" };
    assert.equal(reads("FROM scratch\n", { buildArgs }).whole.length, 1);
});

test("reports faults of the built stages together, and none of others", () => {
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
                    reason: "COPY https://e.com/a: COPY reads only files of the context; use ADD for URLs",
                },
                {
                    line: 5,
                    reason: '--mount=type=band: type "band" is not allowed; expected bind, cache, tmpfs, secret, ssh; if a newer frontend accepts it, use SlicePolicy.Whole',
                },
            ]);
            return true;
        },
    );
});

test("reports faults of stages that a replaced stage names, as BuildKit does", () => {
    const text =
        "FROM scratch\nCOPY --chmod=9 a /\nFROM scratch AS lib\nCOPY --from=0 /x /y\nFROM lib\n";
    const options = { namedContexts: ["lib"] };
    assert.throws(() => reads(text, options), {
        message: "line 2: --chmod=9: expected octal digits up to 7777, or changes such as u+x,go-w",
    });
    const { stages } = reads(text.replace("--chmod=9 ", ""), options);
    assert.deepEqual(
        stages.map(({ stage }) => stage.index),
        [1, 2],
    );
});

test("does not read a URL with an unknown end as a path", () => {
    const text = "FROM golang:1\nADD https://e.com/v$V/x.jar /y\n";
    assert.deepEqual(reads(text).whole, []);
    assert.deepEqual(paths(text), []);
});

test("always sets PATH", () => {
    assert.deepEqual(paths("FROM scratch\nCOPY ${PATH:+dir/}x.txt /y\n"), ["dir/x.txt"]);
    const baseImages = { a: { env: {}, triggers: [] } };
    assert.deepEqual(paths("FROM a\nCOPY ${PATH#*:*:}x /y\n", { baseImages }), [
        "usr/sbin:/usr/bin:/sbin:/binx",
    ]);
});

test("passes ENV on to stages built on this one, and ARG only then", () => {
    const text = "FROM base AS a\nENV x=1\nARG x=2 y=3\nCOPY $x$y /z\nFROM a\nCOPY $x$y /z\n";
    assert.deepEqual(paths(text, { baseImages: { base: { env: {}, triggers: [] } } }), [
        "23",
        "13",
    ]);
    assert.deepEqual(paths(text, { baseImages: { base: { env: { y: "4" }, triggers: [] } } }), [
        "23",
        "14",
    ]);
    assert.deepEqual(reads(text).whole, [
        {
            line: 6,
            reason: "COPY $x$y: $y is not set in the Dockerfile and the image base may set it",
        },
    ]);
});

test("reads optionally in a stage that may not be built, and ignores its faults", () => {
    const text = "FROM scratch AS amd64\nCOPY a /\nCOPY ${ /\nFROM $TARGETARCH\nCOPY b /\n";
    const { stages } = reads(text);
    assert.deepEqual(
        stages.flatMap(({ context }) => context.map(({ path, isOptional }) => [path, isOptional])),
        [
            ["a", true],
            ["b", undefined],
        ],
    );
});

test("does not support paths in images for Windows", () => {
    const text = "FROM --platform=windows/amd64 a\nCOPY a\\b /c/\n";
    assert.deepEqual(reads(text).whole, [
        { line: 1, reason: "paths in an image for windows/amd64 are not supported" },
    ]);
});

test("expands a trigger of the base with the arguments that it declares", () => {
    const baseImages = { base: { env: {}, triggers: ["ARG dir", "COPY $dir /app/"] } };
    assert.deepEqual(paths("FROM base\n", { baseImages, buildArgs: { dir: "src" } }), ["src"]);
});

test("rejects what BuildKit rejects after variables are expanded", () => {
    const failures = {
        "WORKDIR ${": 'cannot expand "${": bad substitution',
        "USER ${x:?}": 'cannot expand "${x:?}": x: must be set',
        "LABEL a=${": 'cannot expand "${": bad substitution',
        "RUN []": "RUN []: expected a command",
        "VOLUME $x": "VOLUME: a path is empty after its variables are expanded",
        "EXPOSE ${x:-x}": "EXPOSE x: expected a port from 0 to 65535, such as 80, 80/udp or 80-90",
        "STOPSIGNAL $x": "STOPSIGNAL : expected a signal such as SIGTERM or 15",
        "COPY --chown=${ a /b": 'cannot expand "${": bad substitution',
        "COPY --chmod=$y a /b":
            "--chmod=9: expected octal digits up to 7777, or changes such as u+x,go-w",
        "COPY a ${": 'cannot expand "${": bad substitution',
        "COPY <<E /x\n${\nE":
            'cannot expand "${\n": ${\n…} is not supported; if a newer frontend accepts it, use SlicePolicy.Whole',
        "ADD --checksum=$y https://e/a /b":
            "--checksum=9: expected a digest such as sha256:… with 64 digits",
        "ADD --checksum=$y a /b": "ADD --checksum: expected an https or git source, not a",
        "ADD --checksum=$y a b /c": "ADD --checksum: expected exactly one source",
        "ADD --keep-git-dir=false git@e:a?keep-git-dir /b":
            "ADD --keep-git-dir conflicts with the address of the repository",
        "COPY --from=s https://e/a /b":
            "COPY https://e/a: COPY reads only files of the context; use ADD for URLs",
        "COPY https://e/$NONE$far /b":
            "COPY https://e/$NONE$far: COPY reads only files of the context; use ADD for URLs",
        "RUN --mount=type=cache,target=/ x":
            '--mount=type=cache,target=/: a mount cannot replace "/"; expected another target',
        "RUN --mount=type=tmpfs,target=$x x":
            '--mount=type=tmpfs,target=$x: a mount cannot replace "/"; expected another target',
    };
    for (const [line, reason] of Object.entries(failures)) {
        const text = `FROM scratch AS s\nFROM scratch\nARG y=9 far\n${line}\n`;
        const buildArgs = { far: { unknown: "far away" } };
        assert.throws(() => reads(text, { buildArgs }), { message: `line 4: ${reason}` });
    }
});

test("rejects a command that is not UTF-8, unless a here-document is the script", () => {
    const message = "line 2: RUN: expected UTF-8, which BuildKit passes on";
    for (const run of ["RUN \udcff", "RUN <<E\n\udcff\nE", "RUN cat <<E\n#!\udcff\nE"]) {
        assert.throws(() => reads(`FROM scratch\n${run}\n`), { message });
    }
    assert.doesNotThrow(() => reads("FROM scratch\nRUN <<-E\n\t#!\udcff\nE\n"));
    assert.doesNotThrow(() => reads("FROM scratch\nCOPY <<'E' /x\n\udcff\nE\n"));
});

test("rejects values that double in each line, before they fill the memory", () => {
    const text = `FROM scratch\nENV A=ab\n${"ENV A=$A$A\n".repeat(40)}COPY $A /x\n`;
    assert.throws(
        () => reads(text),
        /^DockerfileError: line 19: cannot expand "\$A\$A": its variables are longer than 131072 characters/,
    );
});
