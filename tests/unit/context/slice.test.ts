import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sliceContext } from "../../../src/context/slice";
import { readTree } from "../../../src/context/tree";
import { DockerfileError, parseDockerfile } from "../../../src/dockerfile";
import { makeFolder, makeTree } from "./folder";

const dockerfile = parseDockerfile(
    "FROM golang AS build\nCOPY go.mod cmd /src/\nRUN make\n" +
        "FROM alpine\nCOPY --from=build /app /\nCOPY conf /conf\n",
);
const files = { "go.mod": "", "cmd/main.go": "", "conf/a.yaml": "", "README.md": "" };

function digests(folder: string): string[] {
    const tree = readTree(folder);
    return ["build", undefined].map(
        (target) => sliceContext({ dockerfile, tree, options: { target } }).digest,
    );
}

test("a slice has the Dockerfile, the allow list and the files of its target only", () => {
    const slice = sliceContext({ dockerfile, tree: makeTree(files), options: { target: "build" } });
    assert.equal(slice.dockerfile.text, "FROM golang AS build\nCOPY go.mod cmd /src/\nRUN make\n");
    assert.equal(slice.ignore, "**\n!cmd\n!go.mod\n");
    assert.deepEqual(slice.reads.whole, []);
});

test("a change shows in the slices that read it and in no other", () => {
    const folder = makeFolder(files);
    const [build, app] = digests(folder);
    writeFileSync(join(folder, "README.md"), "changed");
    assert.deepEqual(digests(folder), [build, app]);
    writeFileSync(join(folder, "conf/a.yaml"), "changed");
    const [sameBuild, otherApp] = digests(folder);
    assert.equal(sameBuild, build);
    assert.notEqual(otherApp, app);
    writeFileSync(join(folder, "cmd/main.go"), "changed");
    const [otherBuild, thirdApp] = digests(folder);
    assert.notEqual(otherBuild, build);
    assert.notEqual(thirdApp, otherApp);
});

test("a pattern that matches nothing is a warning", () => {
    const some = parseDockerfile("FROM golang\nCOPY go.mod *.none /src/\n");
    assert.deepEqual(sliceContext({ dockerfile: some, tree: makeTree(files) }).warnings, [
        "line 2: COPY *.none: nothing in the context matches it",
    ]);
});

test("a comment on a named context is part of the slices that read it and of no other", () => {
    const dockerfile = parseDockerfile(
        "FROM alpine AS tools\nCOPY --from=lib a /\nFROM alpine\nCOPY conf /conf\n",
    );
    const tree = makeTree(files);
    const slice = (target: string | undefined, comments: Record<string, string>) =>
        sliceContext({ dockerfile, tree, options: { target, namedContexts: ["lib"] }, comments })
            .dockerfile.text;
    assert.match(slice("tools", { lib: "lib 1" }), /\n# lib 1\n$/);
    assert.equal(slice(undefined, { lib: "lib 1" }), slice(undefined, {}));
});

test("any named context may be read by another frontend", () => {
    const dockerfile = parseDockerfile("# syntax=e/x:1\nFROM alpine\n");
    const tree = makeTree(files);
    const slice = sliceContext({ dockerfile, tree, comments: { lib: "lib 1", base: "base 1" } });
    assert.equal(slice.dockerfile.text, "# syntax=e/x:1\nFROM alpine\n# base 1\n# lib 1\n");
});

test("when it is not known what is read, all that is not ignored is let in", () => {
    const unknown = parseDockerfile("FROM golang\nCOPY $WHERE /src/\n");
    const slice = sliceContext({ dockerfile: unknown, tree: makeTree(files, "README.md") });
    assert.equal(slice.ignore, "**\n!cmd\n!conf\n!go.mod\n");
    assert.equal(slice.reads.whole.length, 1);
});

test("sources that are hidden or not there, and a slice too big, are told at once", () => {
    const tree = makeTree({ ...files, "secret/key": "" }, "# c\nsecret\n");
    const hidden = parseDockerfile("FROM x\nCOPY secret/key go.mod /\nCOPY none /\n");
    assert.throws(
        () => sliceContext({ dockerfile: hidden, tree, limits: { filesMax: 0 } }),
        (error: unknown) => {
            assert.ok(error instanceof DockerfileError);
            assert.deepEqual(error.failures, [
                {
                    line: 2,
                    reason:
                        'COPY secret/key: line 2 of .dockerignore ("secret") hides it; narrow ' +
                        'that pattern or add "!secret/key" after it',
                },
                { line: 3, reason: 'COPY none: there is no "none" in the context' },
                {
                    reason:
                        "the build reads 1 files, 0 B; at most 0 files and 2.0 GiB are taken. " +
                        "Put what it does not need into .dockerignore; the biggest are go.mod (0 B)",
                },
            ]);
            return true;
        },
    );
});
