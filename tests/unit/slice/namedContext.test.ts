import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { readTree } from "../../../src/context/tree";
import { parseDockerfile } from "../../../src/dockerfile";
import {
    layoutComments,
    namedContextComments,
    SlicePolicy,
    sliceContext,
} from "../../../src/slice";
import { contentDigest } from "../../../src/slice/content";
import { makeFolder, makeTree } from "../context/folder";

test("changes a named context's comment with its contents that are not ignored", () => {
    const comment = (files: Readonly<Record<string, string>>) =>
        namedContextComments({ lib: makeTree(files, "*.tmp\n") }, "usual");
    const first = comment({ a: "a", "b.tmp": "b" });
    assert.deepEqual(Object.keys(first), ["lib"]);
    assert.match(first["lib"] ?? "", /^named context lib sha256:[0-9a-f]{64}$/);
    assert.deepEqual(comment({ a: "a", "b.tmp": "c" }), first);
    assert.notDeepEqual(comment({ a: "b" }), first);
});

test("changes a named context's comment with its links and empty folders", () => {
    const comment = (files: Readonly<Record<string, string>>) =>
        namedContextComments({ lib: makeTree({ "v1/": "", "v2/": "", ...files }) }, "usual");
    const edits: readonly Readonly<Record<string, string>>[] = [
        {},
        { current: "-> v1" },
        { current: "-> v2" },
        { "v3/": "" },
    ];
    assert.equal(new Set(edits.map((edit) => comment(edit)["lib"])).size, edits.length);
});

test("changes an OCI layout's comment and the content digest with its index", () => {
    const folder = makeFolder({ "index.json": "{}" });
    const namedContexts = {
        base: `oci-layout://${folder}:latest`,
        whole: `oci-layout://${folder}`,
        pinned: `oci-layout://${folder}@sha256:${"0".repeat(64)}`,
        none: "oci-layout://./nowhere",
        image: "docker-image://alpine",
    };
    const contentOf = (name: string) =>
        contentDigest(
            sliceContext({
                dockerfile: parseDockerfile(`FROM ${name}\n`),
                tree: makeTree({}),
                options: { namedContexts: Object.keys(namedContexts) },
                comments: layoutComments(namedContexts),
            }),
        );
    const first = layoutComments(namedContexts);
    const empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert.deepEqual(first, {
        base: `named context base index ${empty}`,
        whole: `named context whole index ${empty}`,
    });
    const before = ["base", "image"].map(contentOf);
    writeFileSync(join(folder, "index.json"), '{"manifests":[]}');
    assert.notEqual(layoutComments(namedContexts)["base"], first["base"]);
    const [base, image] = ["base", "image"].map(contentOf);
    assert.notEqual(base, before[0]);
    assert.equal(image, before[1]);
});

/** The contexts to copy for a program's folder that is the named context "repo". */
function copied(lines: string, ignore = "", slicing?: SlicePolicy): readonly string[] {
    const folder = makeFolder({
        ".harbor-build/x": "",
        "docs/a": "",
        "b.txt": "",
        link: "-> docs",
    });
    const { file } = readIgnoreFile(".dockerignore", ignore);
    const repo = readTree(folder, file, { generated: join(folder, ".harbor-build") });
    return sliceContext({
        dockerfile: parseDockerfile(`FROM scratch AS base\nFROM scratch\nARG UNKNOWN\n${lines}\n`),
        tree: makeTree({}),
        slicing,
        options: {
            namedContexts: ["repo"],
            buildArgs: { UNKNOWN: { unknown: "it is known only when the program runs" } },
        },
        contextFolders: { repo },
    }).copiedContexts;
}

test("copies a named context for a build that may read the generated files in it", () => {
    for (const lines of [
        "COPY --from=repo . /x/",
        "COPY --from=repo / /x/",
        "COPY --from=repo * /x/",
        "COPY --from=repo --parents **/x /x/",
        "COPY --from=repo --exclude=docs . /x/",
        "COPY --from=repo $UNKNOWN /x/",
        "RUN --mount=from=repo,target=/x y",
        "RUN --mount=from=repo,source=$UNKNOWN,target=/x y",
        "COPY --from=repo --parents [[:digit:]] /x/",
        "COPY --from=repo docs /x/\nFROM repo",
    ]) {
        assert.deepEqual(copied(lines), ["repo"], lines);
    }
    assert.deepEqual(copied("COPY $UNKNOWN /x/\nCOPY --from=repo docs /x/"), ["repo"]);
    assert.deepEqual(copied("RUN y", "", SlicePolicy.Whole), ["repo"]);
});

test("leaves a named context in place for a build that does not read the generated files", () => {
    for (const lines of [
        "COPY --from=repo docs b.txt /x/",
        "COPY --from=repo *.txt /x/",
        "COPY --from=repo link/a /x/",
        "COPY --from=repo --exclude=.harbor-build . /x/",
        "RUN --mount=from=repo,source=docs,target=/x y",
        "RUN y",
        "COPY $UNKNOWN /x/",
    ]) {
        assert.deepEqual(copied(lines), [], lines);
    }
    assert.deepEqual(copied("COPY --from=repo . /x/", ".harbor-build\n"), []);
});

test("follows no links between named contexts, which may lead in a circle", () => {
    const folder = makeFolder({ "lib/a": "-> ../other/b", "other/b": "-> ../lib/a" });
    const contextFolders = {
        lib: readTree(join(folder, "lib")),
        other: readTree(join(folder, "other")),
    };
    assert.deepEqual(Object.keys(namedContextComments(contextFolders, "usual")), ["lib", "other"]);
    const dockerfile = parseDockerfile(
        "FROM scratch\nCOPY --from=lib . /\nCOPY --from=other . /\n",
    );
    const options = { namedContexts: ["lib", "other"] };
    const slice = sliceContext({ dockerfile, tree: makeTree({}), options, contextFolders });
    assert.deepEqual([slice.warnings, slice.copiedContexts], [[], []]);
});
