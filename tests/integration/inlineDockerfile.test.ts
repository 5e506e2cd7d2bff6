import assert from "node:assert/strict";
import { test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("inline");
const files = {
    "app/source.txt": `${project}\n`,
    "app/other.txt": "other\n",
    "app/.dockerignore": "other.txt\n",
};
const lines = [
    "FROM alpine:3.22 AS build",
    "COPY source.txt /source.txt",
    "RUN cat /source.txt > /out",
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
];
const program = (text: readonly string[]) => `
import { CachedImage } from "harbor-build";

new CachedImage("app", {
    project: { name: ${JSON.stringify(project)} },
    context: "app",
    dockerfileInline: ${JSON.stringify(text.join("\n"))},
    retainImages: false,
});
`;
const lab = openLab();
const stack = sharedStack(lab, program(lines), { files: writeFolder(files) });

test("builds the stages of a Dockerfile that is given as text", async () => {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    assert.deepEqual(builds.map(steps), [
        { "COPY source.txt /source.txt": "built", "RUN cat /source.txt > /out": "built" },
        {
            "COPY source.txt /source.txt": "cached",
            "RUN cat /source.txt > /out": "cached",
            "COPY --from=build /out /out": "built",
        },
    ]);
    await stack.program(program(["# a comment", ...lines]));
    const comment = succeeded(await stack.preview());
    assert.deepEqual(changesOf(comment), { app: "update" });
    await stack.program(program([...lines, "ENV A=1"]));
    const preview = succeeded(await stack.preview());
    assert.deepEqual(changesOf(preview), { app: "update", "app-app": "update" });
    assert.deepEqual(preview.diffs["app-app"], ["contextHash"]);
});

test("reports faults by the argument and the line of the text", async () => {
    await stack.program(program([...lines, "COPY other.txt /"]));
    const run = await stack.preview();
    assert.notEqual(run.code, 0);
    assert.match(
        run.output,
        /dockerfileInline: line 6: COPY other\.txt: line 1 of \.dockerignore \("other\.txt"\) /,
    );
});
