import assert from "node:assert/strict";
import { test } from "node:test";
import { type BuildOptions, parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { sliceDockerfile, wholeDockerfile } from "../../../src/slice/dockerfile";

function slice(text: string, options: BuildOptions = {}, comments: readonly string[] = []) {
    const dockerfile = parseDockerfile(text);
    return sliceDockerfile(dockerfile, resolveStages(dockerfile, options), { comments });
}

const seed =
    "# build\nFROM golang AS build\nCOPY . /src\n# strip\nRUN go build\n\n" +
    "# run\nFROM alpine\nCOPY --from=build /app .\nCOPY conf /conf\n";

test("keeps the stages that its target needs, without comments and blank lines", () => {
    const { text, lines } = slice(seed, { target: "build" });
    assert.equal(text, "FROM golang AS build\nCOPY . /src\nRUN go build\n");
    assert.deepEqual(lines, [2, 3, 5]);
});

test("does not change with other stages and comments", () => {
    const { text } = slice(seed, { target: "build" });
    const changed = `# other\n\nFROM scratch AS more\nRUN x\n${seed.replace("strip", "comment")}RUN y\n`;
    assert.equal(slice(changed, { target: "build" }).text, text);
});

test("replaces only names of images in FROM", () => {
    const text =
        "ARG A=alpine\nFROM $A AS base\n" +
        "FROM --platform=linux/amd64 \\\n  alpine:latest AS alpine\nRUN echo alpine\n" +
        "FROM alpine\nFROM busybox\nCOPY --from=alpine a b\nCOPY --from=0 a b\nCOPY --from=2 a b\n";
    const dockerfile = parseDockerfile(text);
    const standIns = new Map([["alpine", "alpine:pinned"]]);
    const cut = sliceDockerfile(dockerfile, resolveStages(dockerfile), { standIns });
    assert.equal(
        cut.text,
        "ARG A=alpine\nFROM alpine:pinned AS base\n" +
            "FROM --platform=linux/amd64 \\\n  alpine:pinned AS alpine\nRUN echo alpine\n" +
            "FROM alpine\nFROM busybox\nCOPY --from=alpine a b\nCOPY --from=0 a b\nCOPY --from=2 a b\n",
    );
});

test("ends with the target", () => {
    const text = "FROM a AS one\nFROM b AS two\nCOPY --from=one x y\nFROM c\n";
    assert.equal(
        slice(text, { target: "two" }).text,
        "FROM a AS one\nFROM b AS two\nCOPY --from=one x y\n",
    );
});

test("keeps stage numbers with an empty stage in place of a removed one", () => {
    const text =
        "FROM a\nRUN v\nfrom b\nRUN w\nFROM c\nCOPY --link \\\n --from=2\\\n --chown=1:1 x --from=1\n" +
        "FROM d\nRUN x\nFROM e\n" +
        'ONBUILD COPY --from="1" y z\nCOPY --from=\\2 y z\n';
    const { text: cut, lines } = slice(text.replace("--from=2\\\n", "--from=+\\\n01"));
    assert.equal(
        cut,
        "FROM scratch\nfrom b\nRUN w\nFROM c\nCOPY --link \\\n --from=+\\\n01 --chown=1:1 x --from=1\n" +
            'FROM e\nONBUILD COPY --from="1" y z\nCOPY --from=\\2 y z\n',
    );
    assert.deepEqual(lines, [0, 3, 4, 5, 6, 7, 8, 11, 12, 13]);
});

test("keeps global ARGs that the slice uses, also indirectly", () => {
    const text = "ARG a=1\nARG b=$a c=2\nARG d=3\nARG e\nFROM x:$b AS one\nARG e\nFROM y:$d\n";
    assert.equal(
        slice(text, { target: "one" }).text,
        "ARG a=1\nARG b=$a c=2\nARG e\nFROM x:$b AS one\nARG e\n",
    );
    assert.equal(slice(text).text, "ARG d=3\nFROM y:$d\n");
});

test("has the build arguments that it declares", () => {
    const text = "ARG v=1\nFROM a:$v AS one\nARG x\nFROM b\nARG y=2 z\nONBUILD ARG w\n";
    assert.deepEqual(slice(text, { target: "one" }).args, ["v", "x"]);
    assert.deepEqual(slice(text).args, ["y", "z"]);
});

test("keeps directives, and here-documents unchanged", () => {
    const text =
        "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a\nCOPY <<E `\n /x\n# in\n\nE\n";
    assert.equal(
        slice(text).text,
        "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a\nCOPY <<E `\n /x\n# in\n\nE\n",
    );
});

test("keeps only FROM of a stage that a named context replaces", () => {
    const text = "FROM a AS build\nRUN x\nFROM b\nCOPY --from=build y z\n";
    assert.equal(
        slice(text, { namedContexts: ["build"] }).text,
        "FROM a AS build\nFROM b\nCOPY --from=build y z\n",
    );
});

test("adds given comments at the end", () => {
    const { text, lines } = slice("FROM a\n", {}, ["base a@sha256:00"]);
    assert.equal(text, "FROM a\n# base a@sha256:00\n");
    assert.deepEqual(lines, [1, 0]);
});

test("keeps the whole file that another frontend reads", () => {
    const text = "# syntax=e/x:1\nFROM a AS one\nARG v\n\nFROM b";
    assert.deepEqual(slice(text, { target: "one" }, ["more"]), {
        text: `${text}\n# more\n`,
        lines: [1, 2, 3, 4, 5, 0],
        args: ["v"],
    });
});

test("leaves out comments that configure the checks of an instruction", () => {
    const text = "FROM a\n# check=error=true\nFROM b AS b\n";
    assert.equal(slice(text).text, "FROM b AS b\n");
    assert.deepEqual(slice(text).lines, [3]);
    const whole = wholeDockerfile(parseDockerfile(text), undefined);
    assert.equal(whole.text, "FROM a\nFROM b AS b\n");
    assert.deepEqual(whole.lines, [1, 3]);
});

test("skips what these comments skip in the whole file", () => {
    const instruction = "FROM a\n# check=skip=B,C why\nRUN b\n# check=skip=C;error=true\nRUN c\n";
    const sliced = (head: string) => slice(`${head}\n${instruction}`).text.split("\n")[0];
    assert.equal(sliced("# check=error=true"), "# check=skip=B,C;error=true");
    assert.equal(sliced("# check=error=true;skip=A"), "# check=skip=A,B,C;error=true");
    assert.equal(sliced("# check=skip=all"), "# check=skip=all");
});

test("keeps directives as written", () => {
    const text = "#!/x\n# check=skip=all\nFROM a\n";
    assert.equal(slice(text).text, text);
    assert.equal(slice("  #  Escape = `\r\nFROM a\n").text, "  #  Escape = `\nFROM a\n");
});

test("keeps global ARGs that BuildKit reads", () => {
    const text = "ARG x\nARG v=3\nARG SOURCE_DATE_EPOCH=$v\nFROM a\n";
    assert.equal(slice(text).text, "ARG v=3\nARG SOURCE_DATE_EPOCH=$v\nFROM a\n");
    assert.deepEqual(slice(text).args, ["SOURCE_DATE_EPOCH", "v"]);
});

test("has also the build arguments that FROM reads without an ARG", () => {
    const text = "ARG B=img:$TARGETARCH\nFROM --platform=$BUILDPLATFORM $B\n";
    assert.deepEqual(slice(text, { platform: "linux/arm64" }).args, [
        "B",
        "BUILDPLATFORM",
        "TARGETARCH",
    ]);
});

test("treats triggers of a base image like instructions of the stage", () => {
    const text = "ARG v=1\nARG w=2\nFROM s AS s\nFROM t AS t\nFROM base\n";
    const baseImages = { base: { env: {}, triggers: ["ARG v", "COPY --from=1 a b"] } };
    const cut = slice(text, { baseImages });
    assert.equal(cut.text, "ARG v=1\nFROM scratch\nFROM t AS t\nFROM base\n");
    assert.deepEqual(cut.args, ["v"]);
});

test("keeps the triggers of a stage that a named context replaces", () => {
    const text = "FROM a AS base\nRUN x\nONBUILD COPY y z\nFROM base\n";
    assert.equal(
        slice(text, { namedContexts: ["base"] }).text,
        "FROM a AS base\nONBUILD COPY y z\nFROM base\n",
    );
});

test("keeps the whole file when a build may need more than the stages show", () => {
    const whole = "FROM a AS x-arm64\nFROM b\n\nFROM x-$TARGETARCH\n";
    assert.equal(slice(whole).text, whole);
    const numbered = "FROM a\nFROM b\nCOPY --from=c x y\nCOPY --from=2 x y\n";
    assert.equal(slice(numbered).text, numbered);
    const named = "FROM a AS c\nFROM b\n";
    assert.equal(slice(named, { namedContexts: ["b::linux/arm64"] }).text, named);
    assert.equal(slice(named, { buildArgs: "unknown" }).text, named);
    assert.equal(slice(named, { buildArgs: { BUILDKIT_SYNTAX: "e/x:1" } }).text, named);
});

test("can keep a whole file", () => {
    const text = "FROM a\n\nFROM b";
    assert.equal(wholeDockerfile(parseDockerfile(text), undefined).text, `${text}\n`);
});
