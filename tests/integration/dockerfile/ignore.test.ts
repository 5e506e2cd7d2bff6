import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { selectAll } from "../../../src/context/select";
import { readTree } from "../../../src/context/tree";
import { parseDockerfile } from "../../../src/dockerfile";
import { allowList } from "../../../src/slice/allowList";
import { sliceContext } from "../../../src/slice/slice";
import { fuzzing } from "../../support/fuzzing";
import { withBuildkit } from "./buildkit";
import { makeContext } from "./fixture";

const buildkit = withBuildkit();
const context = makeContext();
after(context.remove);

const component = fc.constantFrom(
    ...["docs", "deep", "cmd", "tool", "conf", "logs", "go.mod", "config.yaml"],
    ...[
        "*",
        "**",
        "?.md",
        "*.md",
        "d*",
        "[a-d]*",
        "[^c]*",
        "*.y?ml",
        "**.go",
        ".",
        "..",
        "page[[]1*",
    ],
);
const pattern = fc
    .tuple(
        fc.constantFrom("", "", "!", "/", "!/"),
        fc.array(component, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("", "", "/"),
    )
    .map(([before, parts, end]) => `${before}${parts.join("/")}${end}`);
const ignoreFile = fc
    .array(pattern, { minLength: 1, maxLength: 5 })
    .map((patterns) => `${patterns.join("\n")}\n`);

test("lists the same files as BuildKit for every generated ignore file", async (t) => {
    const dockerfile = "FROM scratch\nCOPY . /\n";
    await fc.assert(
        fc.asyncProperty(ignoreFile, async (ignore) => {
            const { file, failures } = readIgnoreFile(".dockerignore", ignore);
            const request = { context: context.folder, dockerfile };
            const theirs = buildkit.layers({ ...request, ignore });
            if (failures.length > 0) {
                await assert.rejects(theirs, ignore);
                return;
            }
            const tree = readTree(context.folder, file);
            const ours = buildkit.layers({ ...request, ignore: allowList(tree, selectAll(tree)) });
            assert.deepEqual(await ours, await theirs);
        }),
        fuzzing(t, 40),
    );
});

/** Names that a pattern, an encoding or a path could change, as bytes. */
const odd = [
    ..."a;b;A;.a;...;..a;a b; a;a ;a\t;*;[a];\\a;!a;#a;-a;a:b;$a;\u00e9;e\u0301;\u00c9;\u{1f600};a\nb".split(
        ";",
    ),
].map((name) => Buffer.from(name));
/** BuildKit refuses patterns with control characters. */
const wordsOfPatterns = odd.filter((bytes) => !/\p{Cc}/u.test(String(bytes)));
const name = fc.constantFrom(...odd, Buffer.from([0x61, 0xff]), Buffer.from([0xc3]));
const entry = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom("file", "file", "file", "folder", "link", "link", "pipe"),
    target: fc.constantFrom(".", "..", "a", "../a", "/a", "../../..", "no/such", "a/b/a", "/"),
});
const lines = fc
    .array(
        fc.tuple(
            fc.constantFrom("", "!", "**/"),
            fc.array(fc.constantFrom(...wordsOfPatterns), { minLength: 1, maxLength: 2 }),
        ),
        {
            maxLength: 4,
        },
    )
    .map((all) =>
        all.map(([before, parts]) => `${before}${parts.map(String).join("/")}\n`).join(""),
    );

type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

/** Creates what the earlier entries leave room for. @returns the folder */
function makeOddContext(entries: readonly Entry[]): string {
    const folder = mkdtempSync(join(tmpdir(), "harbor-build-odd-"));
    for (const { path, kind, target } of entries) {
        const full = Buffer.concat([Buffer.from(folder), ...path.flatMap((one) => [slash, one])]);
        const parent = full.subarray(0, full.lastIndexOf("/"));
        try {
            mkdirSync(kind === "folder" ? full : parent, { recursive: true });
            if (kind === "file") writeFileSync(full, path.join());
            if (kind === "link") symlinkSync(target, full);
            if (kind === "pipe") spawnSync("mkfifo", [full.toString()]);
        } catch (error) {
            assert.match(String(error), /EEXIST|ENOTDIR|ENOENT|EISDIR|ELOOP/);
        }
    }
    return folder;
}

const slash = Buffer.from("/");

test("lists the same entries as BuildKit in every generated context", async (t) => {
    const dockerfile = parseDockerfile("FROM scratch\nCOPY . /\n");
    await fc.assert(
        fc.asyncProperty(
            fc.array(entry, { minLength: 1, maxLength: 8 }),
            lines,
            async (entries, ignore) => {
                const folder = makeOddContext(entries);
                try {
                    const { file, failures } = readIgnoreFile(".dockerignore", ignore);
                    const request = { context: folder, dockerfile: dockerfile.text };
                    const theirs = buildkit.layers({ ...request, ignore });
                    if (failures.length > 0) {
                        await assert.rejects(theirs, ignore);
                        return;
                    }
                    const slice = sliceContext({ dockerfile, tree: readTree(folder, file) });
                    const ours = buildkit.layers({ ...request, ignore: slice.ignore });
                    assert.deepEqual(await ours, await theirs);
                } finally {
                    rmSync(folder, { recursive: true });
                }
            },
        ),
        fuzzing(t, 60),
    );
});
