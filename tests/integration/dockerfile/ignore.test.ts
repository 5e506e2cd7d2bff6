import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { selectAll } from "../../../src/context/select";
import { readTree } from "../../../src/context/tree";
import { allowList } from "../../../src/slice/allowList";
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
