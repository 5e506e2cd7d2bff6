import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { openLab, uniqueName } from "../support/lab";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("source");

/** Build contexts in which something is wrong. */
const files = {
    "broken/Dockerfile":
        "FROM alpine:3.22 AS build\nRUNN make\nFROM alpine:3.22\nCOPY --form=build /a /b\nCOPY a\n",
    "cycle/Dockerfile":
        "FROM alpine:3.22 AS a\nCOPY --from=b /x /\nFROM alpine:3.22 AS b\nCOPY --from=a /x /\n",
    "stages/Dockerfile":
        "FROM alpine:3.22 AS deps\nFROM alpine:3.22 AS builder\nFROM alpine:3.22\nCOPY --from=builder /x /\n",
    "hidden/Dockerfile": "FROM alpine:3.22\nCOPY conf /conf\nCOPY absent.txt /\n",
    "hidden/conf/app.yaml": "a: 1\n",
    "hidden/.dockerignore": "# secrets and the like\nconf\n",
    "absent/dockerfile": "FROM alpine:3.22\nCOPY a.txt/x /x/\nCOPY dir/*.json /x/\nCOPY lin* /x/\n",
    "absent/.dockerignore": "ignored\n",
    "absent/a.txt": "a\n",
    "absent/dir/b.txt": "b\n",
    "file.txt": "no folder\n",
};

const program = (args: string) => `
import { CachedImage } from "harbor-build";

new CachedImage("fm", {
    project: { name: ${JSON.stringify(project)} },
    ${args}
});
`;

const stack = sharedStack(openLab(), program(""), { files: writeFolder(files) });

before(() => {
    symlinkSync("nowhere", join(stack.folder, "absent/link"));
});

/** The faults that a preview reports for each set of arguments. */
const cases: readonly { name: string; args: string; faults: readonly string[] }[] = [
    {
        name: "instructions that do not parse, with their lines, and faults of the arguments",
        args: 'context: "broken", tags: ["a b"],',
        faults: [
            `tags[0]: "a b" cannot be used: a tag consists of letters, digits, '_', '.' and '-', and does not start with '.' or '-'`,
            "dockerfile: broken/Dockerfile: line 2: unknown instruction RUNN; did you mean RUN?",
            "dockerfile: broken/Dockerfile: line 4: COPY has no flag --form; did you mean --from?",
            "dockerfile: broken/Dockerfile: line 5: COPY a: expected at least one source and a destination",
        ],
    },
    {
        name: "stages that depend on each other, with the path",
        args: 'context: "cycle",',
        faults: ["dockerfile: cycle/Dockerfile: line 2: stages depend on each other: a → b → a"],
    },
    {
        name: "missing stages, with the nearest name",
        args: 'context: "stages", target: "dep", builderStages: ["builder", "build"],',
        faults: [
            'target: no stage named "dep" in stages/Dockerfile; stages are "deps", "builder"; did you mean "deps"?',
            'builderStages[1]: no stage named "build" in stages/Dockerfile; stages are "deps", "builder"; did you mean "builder"?',
        ],
    },
    {
        name: "a source that the ignore file excludes, with the pattern, and a missing source",
        args: 'context: "hidden",',
        faults: [
            'dockerfile: hidden/Dockerfile: line 2: COPY conf: line 2 of .dockerignore ("conf") excludes it; narrow that pattern or add "!conf" after it',
            'dockerfile: hidden/Dockerfile: line 3: COPY absent.txt: "absent.txt" does not exist in the context',
        ],
    },
    {
        name: "a context that is a file, and a missing named context",
        args: 'context: "file.txt", namedContexts: { lib: "nowhere" },',
        faults: [
            "context: file.txt: this is a file; expected the folder of a build context",
            "namedContexts.lib: nowhere: the folder does not exist",
        ],
    },
    {
        name: "a source below a file, a folder from which BuildKit receives nothing, and a broken link",
        args: 'context: "absent",',
        faults: [
            'dockerfile: absent/dockerfile: line 2: COPY a.txt/x: "a.txt/x" does not exist in the context',
            'dockerfile: absent/dockerfile: line 3: COPY dir/*.json: nothing in "dir" matches, and BuildKit fails when it receives nothing from the folder before a wildcard; correct or remove the source',
            'dockerfile: absent/dockerfile: line 4: COPY lin*: "link" matches and is a link to "nowhere", which the build does not receive; remove the link, or make sure that its target exists and is not ignored',
        ],
    },
];

for (const { name, args, faults } of cases) {
    test(`reports together in one preview: ${name}`, async () => {
        await stack.program(program(args));
        const preview = await stack.preview();
        assert.notEqual(preview.code, 0, preview.output);
        const lines = preview.output.split("\n").map((line) => line.trim());
        const count = faults.length === 1 ? "an argument" : `${faults.length} arguments`;
        const start = lines.findLastIndex((line) => line.includes(`CachedImage "fm": ${count} `));
        assert.ok(start >= 0, preview.output);
        assert.deepEqual(lines.slice(start + 1, start + 1 + faults.length), faults);
        assert.doesNotMatch(preview.output, /^\s+at .*:\d+:\d+/m, "no stack for a user's mistake");
    });
}
