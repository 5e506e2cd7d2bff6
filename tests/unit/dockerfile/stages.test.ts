import assert from "node:assert/strict";
import { test } from "node:test";
import {
    type BuildOptions,
    builderStages,
    DockerfileError,
    findReachableStages,
    parseDockerfile,
    resolveStages,
} from "../../../src/dockerfile";

function graphOf(text: string, options: BuildOptions = {}) {
    return resolveStages(parseDockerfile(text), options);
}

function refusalOf(text: string, options: BuildOptions = {}): readonly object[] {
    try {
        graphOf(text, options);
    } catch (error) {
        assert.ok(error instanceof DockerfileError);
        return error.failures;
    }
    return assert.fail("nothing was refused");
}

const labels = (stages: readonly { label: string }[]) => stages.map(({ label }) => label);

test("finds names, bases and lines of stages, and takes the last stage as target", () => {
    const { stages, target } = graphOf("FROM golang:1.26 AS Build\nRUN make\nFROM scratch\n");
    assert.deepEqual(
        stages.map(({ name, label, line, base }) => ({ name, label, line, base })),
        [
            {
                name: "build",
                label: "build",
                line: 1,
                base: { kind: "image", reference: "golang:1.26" },
            },
            { name: undefined, label: "stage 1", line: 3, base: { kind: "scratch" } },
        ],
    );
    assert.equal(target.index, 1);
});

test("resolves COPY --from to a stage in any case, a number, or an image", () => {
    const { stages } = graphOf(
        "FROM a AS build\nFROM b\nCOPY --from=BUILD x y\nCOPY --from=0 x y\nCOPY --from=c:1 x y\n",
    );
    assert.deepEqual(
        stages[1]?.edges.map(({ line, written, source }) => [line, written, source]),
        [
            [3, "BUILD", { kind: "stage", index: 0 }],
            [4, "0", { kind: "stage", index: 0 }],
            [5, "c:1", { kind: "image", reference: "c:1" }],
        ],
    );
});

test("resolves RUN --mount=from to a stage, and a number in it to an image", () => {
    const { stages } = graphOf(
        "FROM a AS deps\nFROM b\nRUN --mount=from=deps,target=/d --mount=from=0,target=/e x\n",
    );
    assert.deepEqual(
        stages[1]?.edges.map(({ source }) => source),
        [
            { kind: "stage", index: 0 },
            { kind: "image", reference: "0" },
        ],
    );
});

test("expands ARGs before FROM with the given build arguments", () => {
    const text = "ARG V=1\nARG BASE=golang:$V\nFROM $BASE AS x\n";
    assert.deepEqual(graphOf(text).target.base, { kind: "image", reference: "golang:1" });
    assert.deepEqual(graphOf(text, { buildArgs: { V: "2" } }).target.base, {
        kind: "image",
        reference: "golang:2",
    });
});

test("treats a base that depends on an unknown value as possibly any earlier stage", () => {
    const text = "FROM a AS amd64\nFROM b AS arm64\nFROM $TARGETARCH\n";
    const unknown = graphOf(text);
    assert.deepEqual(labels(findReachableStages(unknown).stages), ["amd64", "arm64", "stage 2"]);
    assert.equal(
        findReachableStages(unknown).unknown,
        '"FROM $TARGETARCH": it depends on the target platform, which is not set; set `platforms`',
    );
    const known = graphOf(text, { platform: "linux/arm64" });
    assert.deepEqual(labels(findReachableStages(known).stages), ["arm64", "stage 2"]);
});

test("reaches only stages that the target needs", () => {
    const text =
        "FROM a AS base\nFROM base AS tests\nFROM base AS build\nFROM c\nCOPY --from=build x y\n";
    assert.deepEqual(labels(findReachableStages(graphOf(text)).stages), [
        "base",
        "build",
        "stage 3",
    ]);
    assert.deepEqual(labels(findReachableStages(graphOf(text, { target: "tests" })).stages), [
        "base",
        "tests",
    ]);
});

test("replaces a stage or an image by a named context", () => {
    const text = "FROM a AS build\nCOPY --from=x y z\nFROM alpine\nCOPY --from=build y z\n";
    const options = { namedContexts: ["build", "docker.io/library/alpine:latest"] };
    const { stages } = graphOf(text, options);
    assert.deepEqual(stages[0]?.base, { kind: "context", name: "build" });
    assert.deepEqual(stages[0]?.edges, []);
    assert.deepEqual(stages[1]?.base, {
        kind: "context",
        name: "docker.io/library/alpine:latest",
    });
});

test("runs the ONBUILD triggers of a stage in the stages built on it, not in the stage itself", () => {
    const text = "FROM x AS src\nFROM a AS base\nONBUILD COPY --from=src y z\nFROM base\n";
    const { stages } = graphOf(text);
    assert.deepEqual(stages[1]?.edges, []);
    assert.deepEqual(
        stages[2]?.edges.map(({ line, source }) => [line, source]),
        [[4, { kind: "stage", index: 0 }]],
    );
});

test("runs the ONBUILD triggers of a known base image in its stage", () => {
    const { stages } = graphOf("FROM x AS src\nFROM base:1\n", {
        baseImages: { "base:1": { env: {}, triggers: ["COPY --from=src y z"] } },
    });
    assert.deepEqual(
        stages[1]?.edges.map(({ source }) => source),
        [{ kind: "stage", index: 0 }],
    );
});

test("finds the build stage of the quickstart as builder stage", () => {
    const text = "FROM golang AS build\nRUN make\nFROM alpine\nCOPY --from=build a b\n";
    assert.deepEqual(labels(builderStages(graphOf(text))), ["build"]);
});

test("exports only the last stage of a chain, which includes the others", () => {
    const text =
        "FROM a AS deps\nRUN x\nFROM deps AS build\nRUN y\nFROM s\nCOPY --from=build a b\n";
    assert.deepEqual(labels(builderStages(graphOf(text))), ["build"]);
});

test("exports a stage that the builder stage copies from", () => {
    const text =
        "FROM a AS deps\nRUN x\nFROM a AS build\nCOPY --from=deps m m\nRUN y\n" +
        "FROM s\nCOPY --from=build a b\n";
    assert.deepEqual(labels(builderStages(graphOf(text))), ["deps", "build"]);
});

test("exports no stage that runs nothing, or that the target is built on", () => {
    const text =
        "FROM alpine AS certs\nFROM a AS base\nRUN x\nFROM base\nCOPY --from=certs a b\n" +
        "COPY --from=base c d\n";
    assert.deepEqual(labels(builderStages(graphOf(text))), []);
});

test("finds no builder stage that only another target needs", () => {
    const text =
        "FROM a AS build\nRUN x\nFROM a AS tests\nRUN y\nFROM s AS app\nCOPY --from=build a b\n";
    assert.deepEqual(labels(builderStages(graphOf(text, { target: "app" }))), ["build"]);
    assert.deepEqual(labels(builderStages(graphOf(text, { target: "tests" }))), []);
});

test("rejects a missing target with the existing names and the nearest one", () => {
    assert.deepEqual(refusalOf("FROM a AS deps\nFROM b AS build\n", { target: "biuld" }), [
        {
            reason: 'no stage named "biuld"; stages are "deps", "build"; did you mean "build"?',
        },
    ]);
});

test("rejects stages that depend on each other, with the path", () => {
    assert.deepEqual(
        refusalOf("FROM a AS b\nCOPY --from=c x y\nFROM d AS c\nCOPY --from=b x y\n"),
        [{ line: 2, reason: "stages depend on each other: b → c → b" }],
    );
    assert.deepEqual(refusalOf("FROM a AS b\nCOPY --from=b x y\n"), [
        { line: 2, reason: "stages depend on each other: b → b" },
    ]);
});

test("rejects a dependency on a later stage only when the target needs it", () => {
    const text = "FROM a AS early\nCOPY --from=late x y\nFROM d AS late\n";
    assert.deepEqual(refusalOf(text, { target: "early" }), [
        {
            line: 2,
            reason: 'stage "early" depends on "late", which comes later; move "late" above it',
        },
    ]);
    assert.equal(graphOf(text).target.label, "late");
});

test("reports every fault of the graph together", () => {
    assert.deepEqual(
        refusalOf("FROM $NONE AS a\nFROM b\nCOPY --from=7 x y\nCOPY --from=$V x y\n"),
        [
            {
                line: 1,
                reason:
                    "FROM $NONE: the name is empty after its variables are expanded; set the " +
                    "build argument, or a default in an ARG before the first FROM",
            },
            { line: 3, reason: "COPY --from=7: stages are numbered 0 to 1" },
            {
                line: 4,
                reason:
                    'COPY --from=$V: "--from" does not expand variables; give the image its own stage ' +
                    "(FROM $V AS name) and name that stage",
            },
        ],
    );
});

test("rejects a stage name in upper case in FROM, with the fix", () => {
    assert.deepEqual(refusalOf("FROM a AS Build\nFROM Build\n"), [
        { line: 2, reason: 'FROM Build: write stage "build" in lower case' },
    ]);
});

test("assumes linux for TARGETOS without a platform, and lists stages that fit as possible bases", () => {
    const text =
        "FROM a AS x-linux\nFROM b AS x-windows\nRUN b\nFROM c AS y-amd64\nRUN c\n" +
        "FROM d AS y-arm64\nFROM e AS lint\nRUN e\nFROM x-$TARGETOS AS os\nFROM y-$TARGETARCH AS arch\n" +
        "FROM z-$TARGETPLATFORM AS none\n";
    const os = graphOf(text, { target: "os" });
    assert.deepEqual(labels(findReachableStages(os).stages), ["x-linux", "os"]);
    assert.equal(os.beyond, undefined);
    const arch = graphOf(text, { target: "arch" });
    assert.deepEqual(labels(findReachableStages(arch).stages), ["y-amd64", "y-arm64", "arch"]);
    assert.deepEqual([...findReachableStages(arch).certain], [6]);
    assert.deepEqual(builderStages(arch), []);
    assert.equal(
        arch.beyond,
        '"FROM y-$TARGETARCH": it depends on the target platform, which is not set; set `platforms`',
    );
    assert.deepEqual(labels(findReachableStages(graphOf(text, { target: "none" })).stages), [
        "none",
    ]);
});

test("prefers a build argument to a variable that BuildKit sets", () => {
    const text = "FROM a AS x-linux\nFROM b AS x-own\nFROM x-$TARGETOS\n";
    const { stages } = graphOf(text, { buildArgs: { TARGETOS: "own" } });
    assert.deepEqual(stages[2]?.base, { kind: "stage", index: 1 });
});

test("counts arguments with unknown names as any argument", () => {
    const text = "ARG W=a\nFROM x AS a\nFROM y AS b\nFROM $W\n";
    const graph = graphOf(text, { buildArgs: "unknown" });
    assert.deepEqual(labels(findReachableStages(graph).stages), ["a", "b", "stage 2"]);
    assert.equal(graph.beyond, "the build arguments are known only when the program runs");
});

test("parses a trigger only where it runs", () => {
    const text = "FROM scratch AS a\nONBUILD FOO\nFROM a AS b\nFROM scratch AS c\n";
    assert.equal(graphOf(text).target.label, "c");
    assert.equal(graphOf(text, { target: "a" }).target.label, "a");
    assert.deepEqual(refusalOf(text, { target: "b" }), [
        {
            line: 3,
            reason: "unknown instruction FOO; if a newer frontend accepts it, use SlicePolicy.Whole",
        },
    ]);
});

test("parses a trigger with the default escape character", () => {
    const text = "# escape=`\nFROM s AS s\nFROM a AS b\nONBUILD COPY --fr\\om=s `\n x /y\nFROM b\n";
    const { stages } = graphOf(text);
    assert.deepEqual(
        stages[2]?.edges.map(({ source }) => source),
        [{ kind: "stage", index: 0 }],
    );
});

test("runs the triggers of a replaced stage in the stages built on it", () => {
    const text = "FROM x AS src\nFROM a AS base\nONBUILD COPY --from=src y z\nFROM base\n";
    const { stages } = graphOf(text, { namedContexts: ["base"] });
    assert.deepEqual([stages[1]?.isReplaced, stages[1]?.instructions], [true, []]);
    assert.deepEqual(
        stages[2]?.edges.map(({ source }) => source),
        [{ kind: "stage", index: 0 }],
    );
});

test("runs the triggers of a named context that replaces an image in its stage", () => {
    const { stages } = graphOf("FROM x AS src\nFROM ctx\n", {
        namedContexts: ["ctx"],
        baseImages: { ctx: { env: {}, triggers: ["RUN --mount=from=src,target=/s y"] } },
    });
    assert.deepEqual(
        stages[1]?.edges.map(({ source }) => source),
        [{ kind: "stage", index: 0 }],
    );
});

test("orders a named context before every stage", () => {
    const text = "FROM a AS early\nCOPY --from=late x y\nFROM d AS late\n";
    const graph = graphOf(text, { target: "early", namedContexts: ["late"] });
    assert.deepEqual(labels(findReachableStages(graph).stages), ["early", "late"]);
});

test("allows a trigger to copy from the stage that it runs in", () => {
    const baseImages = { base: { env: {}, triggers: ["COPY --from=0 x y"] } };
    assert.deepEqual(graphOf("FROM base\n", { baseImages }).target.edges[0]?.source, {
        kind: "stage",
        index: 0,
    });
});

test("resolves FROM scratch and mounts with an empty name to a stage called scratch", () => {
    const text = "FROM a AS scratch\nFROM scratch\nRUN --mount=type=cache,target=/c x\n";
    const { stages } = graphOf(text);
    assert.deepEqual(stages[1]?.base, { kind: "stage", index: 0 });
    assert.deepEqual(
        stages[1]?.edges.map(({ written, source }) => [written, source]),
        [["scratch", { kind: "stage", index: 0 }]],
    );
});

test("keeps the whole file when a number after the last stage means an image", () => {
    const graph = graphOf("FROM a\nCOPY --from=b:1 x y\nCOPY --from=1 x y\n");
    assert.deepEqual(graph.stages[0]?.edges[1]?.source, { kind: "image", reference: "b:1" });
    assert.equal(graph.beyond, '"COPY --from=1" means an image that another --from names');
});

test("accepts a stage or a named context in SOURCE_DATE_EPOCH, and rejects other names", () => {
    const text = "FROM scratch AS e\nADD https://e.com/a /\nFROM scratch AS f\nFROM scratch\n";
    const beyond = (epoch: string, namedContexts: string[] = []) =>
        graphOf(text, { buildArgs: { SOURCE_DATE_EPOCH: epoch }, namedContexts }).beyond;
    assert.equal(beyond("E"), 'SOURCE_DATE_EPOCH depends on the time of "E"');
    assert.equal(beyond("ctx", ["ctx"]), 'SOURCE_DATE_EPOCH depends on the time of "ctx"');
    assert.deepEqual(
        ["0", "-1", "", "context"].map((epoch) => beyond(epoch)),
        [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(refusalOf(`ARG SOURCE_DATE_EPOCH=f\n${text}`), [
        {
            reason: 'SOURCE_DATE_EPOCH=f: expected seconds since 1970, "context", or the name of a stage or named context',
        },
    ]);
});

test("rejects empty platforms, stage names and bases, also of unused stages", () => {
    assert.deepEqual(
        refusalOf("FROM --platform=foo a\nFROM b AS c_\nFROM $X AS d\nFROM e\n", {
            namedContexts: ["d"],
        }),
        [
            {
                line: 1,
                reason: '"foo" is not a platform; expected os/architecture or os/architecture/variant, such as linux/arm64',
            },
            {
                line: 2,
                reason: `"c_" is not an image reference: "c_" is not allowed in a repository name, which is lower case`,
            },
            {
                line: 3,
                reason:
                    "FROM $X: the name is empty after its variables are expanded; set the build " +
                    "argument, or a default in an ARG before the first FROM",
            },
        ],
    );
});

test("exports no stage that --target cannot name, or that reads TARGETSTAGE", () => {
    const twice = "FROM a AS b\nRUN x\nFROM a AS b\nRUN y\nFROM s\nCOPY --from=0 p q\n";
    assert.deepEqual(builderStages(graphOf(twice)), []);
    const named = "FROM a AS b\nARG TARGETSTAGE\nRUN x\nFROM s\nCOPY --from=b p q\n";
    assert.deepEqual(builderStages(graphOf(named)), []);
});
