import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BaseImagePolicy } from "../../../src/bases/policy";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { type ContextTree, readTree } from "../../../src/context/tree";
import { DockerfileError, parseDockerfile } from "../../../src/dockerfile";
import { filesOf } from "../../../src/slice/digest";
import { sliceContext } from "../../../src/slice/slice";
import { SlicePolicy } from "../../../src/slice/slicePolicy";
import { makeFolder, makeTree } from "../context/folder";

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

test("has only the Dockerfile, the allow list and the files of its target", () => {
    const slice = sliceContext({ dockerfile, tree: makeTree(files), options: { target: "build" } });
    assert.equal(slice.dockerfile.text, "FROM golang AS build\nCOPY go.mod cmd /src/\nRUN make\n");
    assert.equal(slice.ignore, "**\n!cmd\n!go.mod\n");
    assert.deepEqual(slice.reads.whole, []);
});

test("changes only with what it reads", () => {
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

test("pins an image that a stage is named after, or refuses it", () => {
    const sliceOf = (text: string) =>
        sliceContext({
            dockerfile: parseDockerfile(text),
            tree: makeTree(files),
            baseImages: BaseImagePolicy.Pin,
        });
    const textOf = (text: string) => sliceOf(text).dockerfile.text;
    assert.equal(
        textOf("FROM alpine:latest\\\n AS x\nFROM x AS alpine\nCOPY conf /\n"),
        "FROM alpine:latest-pinned\\\n AS x\nFROM x AS alpine\nCOPY conf /\n",
    );
    assert.equal(
        textOf("FROM alpine\\ \n AS alpine\nCOPY conf /\n"),
        "FROM alpine:latest-pinned\\ \n AS alpine\nCOPY conf /\n",
    );
    const refused = (text: string, failures: readonly object[]) =>
        assert.throws(() => sliceOf(text), { failures });
    const why =
        'the image cannot be pinned, because a stage has its name ("alpine"); rename the stage';
    refused(
        "FROM busybox AS alpine\nRUN id\nFROM scratch\nCOPY --from=alpine /b /b\nCOPY --from=alpine:latest /a /a\n",
        [{ line: 5, reason: `COPY --from=alpine:latest: ${why}` }],
    );
    refused(
        "FROM busybox AS alpine\nFROM alpine\nRUN --mount=from=docker.io/library/alpine,target=/m x\n",
        [{ line: 3, reason: `RUN --mount=from=docker.io/library/alpine: ${why}` }],
    );
    refused("FROM al\\\npine AS alpine\nCOPY conf /\n", [
        { line: 1, reason: `FROM alpine: ${why}, or write the image's name in one piece` },
    ]);
});

test("notes a pattern that matches nothing", () => {
    const some = parseDockerfile("FROM golang\nCOPY go.mod *.none /src/\n");
    assert.deepEqual(sliceContext({ dockerfile: some, tree: makeTree(files) }).notes, [
        "line 2: COPY *.none: nothing in the context matches it",
    ]);
});

test("notes that a whole Dockerfile gets no cache mounts", () => {
    const tree = makeTree(files);
    const asked = { cacheMounts: { build: ["/root/.cache"] }, carriesMounts: true };
    const newer = parseDockerfile(`# syntax=docker/dockerfile:1.99\n${dockerfile.text}`);
    const reason =
        "the image is built from the whole Dockerfile, whose RUN instructions stay as written";
    const both = [`ignores cacheMounts: ${reason}`, `ignores cache.carryMounts: ${reason}`];
    const slicing = SlicePolicy.Whole;
    assert.deepEqual(sliceContext({ dockerfile: newer, tree, ...asked }).notes, both);
    assert.deepEqual(sliceContext({ dockerfile, tree, slicing, ...asked }).notes, both);
    for (const cacheMounts of [undefined, { build: [] }]) {
        assert.deepEqual(sliceContext({ dockerfile: newer, tree, cacheMounts }).notes, []);
    }
});

test("warns about Cargo's target in a carried mount, and not in one that stays on the builder", () => {
    const cargo = parseDockerfile("FROM rust AS build\nRUN cargo build\n");
    const asked = { dockerfile: cargo, cacheMounts: { build: ["/src/target"] } };
    const warnings = (carriesMounts: boolean) =>
        sliceContext({ ...asked, tree: makeTree(files), carriesMounts }).warnings;
    assert.match(
        warnings(true).join(),
        /^line 2: Cargo compiles .* the last build in \/src\/target/,
    );
    assert.deepEqual(warnings(false), []);
});

test("notes once that mounts are not carried, unless the program decides or none can be", () => {
    const tree = makeTree(files);
    const notes = (cacheMounts: Record<string, string[]>, carriesMounts?: boolean) =>
        sliceContext({ dockerfile, tree, cacheMounts, carriesMounts }).notes;
    const mounts = { build: ["/root/.cache", "/deps"] };
    assert.deepEqual(notes(mounts), [
        "cache mounts /root/.cache, /deps: only the builder keeps their content, so they are empty on a " +
            "new runner. With carried mounts, new runners built a changed Go program in 15 to 35 % of the " +
            "time. Fix: add cache: { carryMounts: true }, or carryMounts: false to hide this line.",
    ]);
    for (const decided of [true, false]) assert.deepEqual(notes(mounts, decided), []);
    assert.deepEqual(notes({}), []);
    const noShell = parseDockerfile('FROM golang AS build\nRUN ["make"]\n');
    assert.deepEqual(sliceContext({ dockerfile: noShell, tree, cacheMounts: mounts }).notes, []);
});

test("puts a comment on a named context into the slices that read it only", () => {
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

test("counts every named context as read by another frontend", () => {
    const dockerfile = parseDockerfile("# syntax=e/x:1\nFROM alpine\n");
    const tree = makeTree(files);
    const slice = sliceContext({ dockerfile, tree, comments: { lib: "lib 1", base: "base 1" } });
    assert.equal(slice.dockerfile.text, "# syntax=e/x:1\nFROM alpine\n# base 1\n# lib 1\n");
});

test("uses the user's own ignore file when the reads are unknown", () => {
    const unknown = parseDockerfile("FROM golang\nCOPY $WHERE /src/\n");
    const ignore = "# docs\nREADME.md\n";
    const slice = sliceContext({ dockerfile: unknown, tree: makeTree(files, ignore) });
    assert.equal(slice.ignore, ignore);
    assert.deepEqual(
        filesOf(slice.selection).map(({ path }) => path),
        ["cmd/main.go", "conf/a.yaml", "go.mod"],
    );
    assert.equal(slice.reads.whole.length, 1);
});

test("excludes the folder of generated files when the user's ignore file decides", () => {
    const unknown = parseDockerfile("FROM golang\nCOPY $WHERE /src/\n");
    const folder = makeFolder({ ...files, ".harbor-build/x": "" });
    const { file } = readIgnoreFile(".dockerignore", "README.md");
    const tree = readTree(folder, file, { generated: join(folder, ".harbor-build") });
    const { ignore } = sliceContext({ dockerfile: unknown, tree });
    assert.equal(ignore, "README.md\n.harbor-build\n");
});

test("leaves the whole context to BuildKit for a pattern that only BuildKit reads", () => {
    const some = parseDockerfile("FROM golang\nCOPY go.mod /src/\n");
    const tree = makeTree({ ...files, a1: "" }, "*[[:digit:]]\n");
    const slice = sliceContext({ dockerfile: some, tree });
    assert.equal(slice.ignore, "*[[:digit:]]\n");
    assert.deepEqual(slice.reads.whole, [
        {
            line: 1,
            reason: '"*[[:digit:]]", line 1 of .dockerignore, is a pattern that only BuildKit reads',
        },
    ]);
    const excluding = parseDockerfile("FROM golang\nCOPY --exclude=[[:digit:]] . /src/\n");
    const { reads } = sliceContext({ dockerfile: excluding, tree: makeTree(files) });
    assert.deepEqual(reads.whole, [
        { line: 2, reason: '"[[:digit:]]" is a pattern that only BuildKit reads' },
    ]);
});

test("reports all missing sources together, with the reasons", () => {
    const tree = makeTree(
        {
            "a.txt": "",
            "dir/b.txt": "",
            "e/b.txt": "",
            "e/c.txt": "",
            dangling: "-> gone",
            link: "-> e",
        },
        "ignored\n",
    );
    const some = parseDockerfile(
        "FROM x\nCOPY a.txt/x /x/\nCOPY dir/*.json /x/\nCOPY dang* /x/\nCOPY none/*.json /x/\n" +
            "COPY --parents link/./b.txt /x/\nCOPY link/c.txt link/b.txt /x/\n",
    );
    assert.throws(
        () => sliceContext({ dockerfile: some, tree }),
        (error: unknown) => {
            assert.ok(error instanceof DockerfileError);
            assert.deepEqual(error.failures, [
                { line: 2, reason: 'COPY a.txt/x: "a.txt/x" does not exist in the context' },
                {
                    line: 3,
                    reason:
                        'COPY dir/*.json: nothing in "dir" matches, and BuildKit fails when it ' +
                        "receives nothing from the folder before a wildcard; correct or remove the source",
                },
                {
                    line: 4,
                    reason:
                        'COPY dang*: "dangling" matches and is a link to "gone", which the build does ' +
                        "not receive; remove the link, or make sure that its target exists and is not ignored",
                },
                { line: 5, reason: 'COPY none/*.json: "none" does not exist in the context' },
                {
                    line: 6,
                    reason:
                        'COPY link/./b.txt: BuildKit does not follow the link "link"; name the target ' +
                        "of the link",
                },
                {
                    line: 7,
                    reason:
                        "COPY link/c.txt: BuildKit receives only the first of several sources through " +
                        "one link; name the target of the link",
                },
            ]);
            return true;
        },
    );
});

test("reports patterns that BuildKit rejects with their lines", () => {
    const tree = makeTree({ "a.txt": "", "dir/b.txt": "" });
    const advice =
        'is a malformed pattern; expected a "]" for each "[" and a character after each "\\"; ' +
        '"[[]" matches the character "["';
    const json = "In a JSON array, use double quotes and no comma at the end";
    const some = parseDockerfile(
        "FROM scratch AS unused\nCOPY [a /x/\nFROM scratch AS files\nFROM scratch\n" +
            "COPY dir/[b /x/\nCOPY ['a.txt', '/x/']\nCOPY --parents --exclude=[b dir/./[a-] /x/\n" +
            "COPY --from=files --exclude=! --exclude= . /x/\nADD --exclude=b\\\\ https://e.com/a /x/\n" +
            'COPY --exclude=[b-c] ["[ab].txt", "a[[]1", "/x/"]\n',
    );
    assert.throws(
        () => sliceContext({ dockerfile: some, tree }),
        (error: unknown) => {
            assert.ok(error instanceof DockerfileError);
            assert.deepEqual(error.failures, [
                { line: 7, reason: `COPY --exclude=[b: "[b" ${advice}` },
                { line: 8, reason: `COPY --exclude=!: "!" ${advice}` },
                { line: 9, reason: `ADD --exclude=b\\: "b\\" ${advice}` },
                { line: 5, reason: `COPY dir/[b: "dir/[b" ${advice}` },
                { line: 6, reason: `COPY ['a.txt',: "[a.txt," ${advice}. ${json}` },
                { line: 7, reason: `COPY dir/./[a-]: "[a-]" ${advice}` },
            ]);
            return true;
        },
    );
});

test("checks sources in named contexts that are folders like those of the context", () => {
    const folder = makeTree({ "f.txt": "", "g/h.txt": "", hidden: "", link: "-> g" }, "hidden\n");
    const text = [
        "FROM scratch AS lib",
        "FROM scratch AS unused",
        "COPY --from=ext none /x/",
        "FROM scratch",
        "ARG UNKNOWN",
        "COPY --from=ext f.txt g/*.txt link/h.txt none* /x/",
        "COPY --from=ext none hidden /x/",
        "COPY --from=ext g/[h /x/",
        "COPY --from=ext $UNKNOWN none /x/",
        "COPY --from=lib none /x/",
        "COPY --from=image none /x/",
        "RUN --mount=from=ext,source=g,target=/g --mount=from=ext,source=none,target=/n x",
    ];
    const some = parseDockerfile(text.join("\n"));
    const unknown = { unknown: "it is known only when the program runs" };
    const namedContexts = ["ext", "lib", "image"];
    const options = { namedContexts, buildArgs: { UNKNOWN: unknown } };
    const slice = (contextFolders: Readonly<Record<string, ContextTree>>) =>
        sliceContext({ dockerfile: some, tree: makeTree({}), options, contextFolders });
    assert.throws(
        () => slice({ ext: folder, lib: folder }),
        (error: unknown) => {
            assert.ok(error instanceof DockerfileError);
            assert.deepEqual(error.failures, [
                { line: 7, reason: 'COPY none: "none" does not exist in namedContexts.ext' },
                {
                    line: 7,
                    reason:
                        'COPY hidden: line 1 of .dockerignore in namedContexts.ext ("hidden") excludes ' +
                        'it; narrow that pattern or add "!hidden" after it',
                },
                {
                    line: 8,
                    reason:
                        'COPY g/[h: "g/[h" is a malformed pattern; expected a "]" for each "[" and a ' +
                        'character after each "\\"; "[[]" matches the character "["',
                },
                { line: 10, reason: 'COPY none: "none" does not exist in namedContexts.lib' },
                { line: 12, reason: 'RUN none: "none" does not exist in namedContexts.ext' },
            ]);
            return true;
        },
    );
    assert.deepEqual(slice({}).reads.whole, []);
});

test("leaves a named context to BuildKit for a pattern that only BuildKit reads", () => {
    const some = parseDockerfile("FROM scratch\nCOPY --from=ext --parents [[:digit:]] /x/\n");
    const options = { namedContexts: ["ext"] };
    const contextFolders = { ext: makeTree({ "1": "" }) };
    const slice = sliceContext({ dockerfile: some, tree: makeTree({}), options, contextFolders });
    assert.deepEqual(slice.reads.whole, []);
    assert.deepEqual(
        slice.reads.stages.flatMap(({ named }) => named.map(({ name, asked }) => [name, asked])),
        [["ext", ["[[:digit:]]"]]],
    );
});

test("warns above a limit and still builds", () => {
    const some = parseDockerfile("FROM golang\nCOPY go.mod /src/\n");
    const slice = sliceContext({
        dockerfile: some,
        tree: makeTree(files),
        limits: { filesMax: 0 },
    });
    assert.deepEqual(slice.warnings, [
        "the build reads 1 files (0 B), more than contextLimits allows without this warning (0 files, " +
            "2.0 GiB). Add files that the build does not need to .dockerignore, or raise the limits; the biggest " +
            "are go.mod (0 B)",
    ]);
    assert.equal(slice.ignore, "**\n!go.mod\n");
});

test("reports excluded and missing sources together", () => {
    const tree = makeTree({ ...files, "secret/key": "" }, "# c\nsecret\n");
    const hidden = parseDockerfile("FROM x\nCOPY secret/key go.mod /\nCOPY none /\n");
    assert.throws(
        () => sliceContext({ dockerfile: hidden, tree }),
        (error: unknown) => {
            assert.ok(error instanceof DockerfileError);
            assert.deepEqual(error.failures, [
                {
                    line: 2,
                    reason:
                        'COPY secret/key: line 2 of .dockerignore ("secret") excludes it; narrow ' +
                        'that pattern or add "!secret/key" after it',
                },
                { line: 3, reason: 'COPY none: "none" does not exist in the context' },
            ]);
            return true;
        },
    );
});

test("writes the files' digest into the Dockerfile for what docker-build does not hash", () => {
    const some = parseDockerfile("FROM scratch\nCOPY src /\n");
    const slice = (more: Readonly<Record<string, string>>, slicing?: SlicePolicy) =>
        sliceContext({
            dockerfile: some,
            tree: makeTree({ "src/b": "b", "src/v1/b": "b", "src/v2/b": "b", other: "o", ...more }),
            slicing,
        });
    assert.equal(slice({}).dockerfile.text, some.text);
    const edits: readonly Readonly<Record<string, string>>[] = [
        { "src/current": "-> v1" },
        { "src/current": "-> v2" },
        { "src/file": "-> b" },
        { "src/file": "-> v1/b" },
        { "src/empty/": "" },
        { "src/gone": "-> nowhere" },
        { "src/gone": "-> nowhere", "src/b": "changed" },
        { "src/loop": "-> loop" },
    ];
    for (const policy of [undefined, SlicePolicy.Whole]) {
        const texts = edits.map((edit) => slice(edit, policy).dockerfile.text);
        for (const text of texts) assert.match(text, /\n# files sha256:[0-9a-f]{64}\n$/);
        assert.equal(new Set(texts).size, edits.length);
    }
});

test("writes the files' digest for a folder with a mode that the image keeps", () => {
    const some = parseDockerfile("FROM scratch\nCOPY src /\n");
    const folder = makeFolder({ "src/data/a": "" });
    const text = (mode: number) => {
        chmodSync(join(folder, "src/data"), mode);
        return sliceContext({ dockerfile: some, tree: readTree(folder) }).dockerfile.text;
    };
    assert.equal(text(0o775), some.text);
    assert.match(text(0o2775), /\n# files sha256:[0-9a-f]{64}\n$/);
    assert.notEqual(text(0o2775), text(0o700));
});

test("must copy the files if a link leads to something else on this machine", () => {
    const some = parseDockerfile("FROM scratch\nCOPY src /\n");
    const mustCopy = (more: Readonly<Record<string, string>>) =>
        sliceContext({ dockerfile: some, tree: makeTree({ "src/b": "b", other: "o", ...more }) })
            .mustCopy;
    assert.equal(mustCopy({ "src/a": "-> ./b", "src/c": "-> a", "src/d": "-> ../src" }), false);
    assert.equal(mustCopy({ "src/a": "-> .//e/", "src/e/f": "" }), false);
    assert.equal(mustCopy({ "src/a": "-> nowhere", "src/b": "-> b" }), false);
    assert.equal(mustCopy({ "src/a": "-> ../other" }), true);
});

test("warns about a link that leads back to itself, on which docker-build fails", () => {
    const some = parseDockerfile("FROM scratch\nCOPY src /\n");
    const tree = makeTree({ "src/a": "-> b", "src/b": "-> a", "src/c": "-> gone" });
    assert.deepEqual(sliceContext({ dockerfile: some, tree }).warnings, [
        `the link "src/a" in ${tree.location} leads back to itself ("b"), and docker-build fails on ` +
            "such a link; correct its target, or add it to .dockerignore",
    ]);
});
