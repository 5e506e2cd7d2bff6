import assert from "node:assert/strict";
import { chmodSync, cpSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("diff");
const builderImage = "tiny-stage-build";
/** The stamp keeps the labels of the run that built the app image, and goes with it. */
const appImage = ["tiny-app", "tiny-stamp"];
const both = [builderImage, ...appImage];
const commit = 'buildLabels: { revision: process.env["COMMIT"] ?? "1111111" },';

const lab = openLab();
const stack = sharedStack(lab, tinyProgram(project, commit), {
    files: writeFolder(tinyFiles),
    up: true,
});

/** A change that is made and taken back again. */
interface Change {
    readonly name: string;
    /** Resources that may show a diff; no other may. */
    readonly differ: readonly string[];
    /** Makes the change and returns what takes it back. */
    make(): Undo | Promise<Undo>;
    /** Shows its diffs. @default a preview of the stack */
    preview?(): Promise<Run>;
}

type Undo = () => void;

function edit(path: string, change: (text: string) => string): Undo {
    const file = join(stack.folder, path);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, change(text));
    return () => writeFileSync(file, text);
}

function program(args: string): Undo {
    const file = join(stack.folder, "index.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, tinyProgram(project, `${commit} ${args}`));
    return () => writeFileSync(file, text);
}

function environment(values: NodeJS.ProcessEnv): Undo {
    return stack.setEnvironment(values);
}

/** What may change, and whose diff it is. A base image's moved tag: basePins.test.ts. */
const changes: readonly Change[] = [
    {
        name: "a file that no stage reads",
        differ: [],
        make: () => edit("tiny/README.md", (text) => `${text}more\n`),
    },
    {
        name: "a file that only the final stage reads",
        differ: appImage,
        make: () => edit("tiny/conf.txt", (text) => `${text}more\n`),
    },
    {
        name: "a file that the builder stage reads",
        differ: both,
        make: () => edit("tiny/lib.txt", (text) => `${text}more\n`),
    },
    {
        name: "a file that every stage reads",
        differ: both,
        make: () => edit("tiny/shared.txt", (text) => `${text}more\n`),
    },
    {
        name: "an instruction of the final stage",
        differ: appImage,
        make: () => edit("tiny/Dockerfile", (text) => `${text}RUN true\n`),
    },
    {
        name: "an instruction of the builder stage",
        differ: both,
        make: () => edit("tiny/Dockerfile", (text) => text.replace("RUN cat", "RUN true && cat")),
    },
    {
        name: "a comment in the Dockerfile",
        differ: [],
        make: () => edit("tiny/Dockerfile", (text) => `# a comment\n${text}`),
    },
    {
        name: "a build argument that only the final stage declares",
        differ: ["tiny", ...appImage],
        make: () => program('buildArgs: { GREETING: "ahoy" },'),
    },
    {
        name: "a build argument that the builder stage declares",
        differ: ["tiny", ...both],
        make: () => program('buildArgs: { VERSION: "2" },'),
    },
    {
        name: "a build argument that no stage declares",
        differ: ["tiny"],
        make: () => program('buildArgs: { NOTHING: "1" },'),
    },
    {
        name: "a checkout under another umask",
        differ: [],
        make() {
            const files = ["conf.txt", "lib.txt", "shared.txt"];
            const set = (mode: number) => {
                for (const file of files) chmodSync(join(stack.folder, "tiny", file), mode);
            };
            set(0o664);
            return () => set(0o644);
        },
    },
    {
        name: "the context's absolute path on another machine",
        differ: [],
        make() {
            const file = join(stack.folder, "index.ts");
            const text = readFileSync(file, "utf8");
            writeFileSync(file, text.replace('context: "tiny"', 'context: __dirname + "/tiny"'));
            return () => writeFileSync(file, text);
        },
    },
    {
        name: "another builder",
        differ: [],
        make() {
            const config = writeFolder({});
            cpSync(String(lab.environment["DOCKER_CONFIG"]), config, { recursive: true });
            const instances = join(config, "buildx/instances");
            const json = readFileSync(join(instances, "harbor-build"), "utf8");
            renameSync(join(instances, "harbor-build"), join(instances, "elsewhere"));
            writeFileSync(
                join(instances, "elsewhere"),
                json.replaceAll("harbor-build", "elsewhere"),
            );
            return environment({ DOCKER_CONFIG: config });
        },
    },
    {
        name: "the variables that name the branch in a CI run",
        differ: [],
        make: () =>
            environment({
                CI: "true",
                CI_COMMIT_REF_NAME: "feature/x",
                GITHUB_REF_NAME: "feature/x",
                GITHUB_HEAD_REF: "feature/x",
            }),
    },
    {
        name: "an additional tag",
        differ: ["tiny", ...appImage],
        make: () => program('tags: ["latest", "2.0"],'),
    },
    {
        name: "a label",
        differ: ["tiny", ...appImage],
        make: () => program('labels: { team: "shop" },'),
    },
    {
        name: "the commit in a label of the run",
        differ: [],
        make: () => environment({ COMMIT: "2222222" }),
    },
    {
        name: "an additional platform, with separate images and an index",
        differ: [
            "tiny",
            ...both,
            ...["linux-amd64", "linux-arm64"].flatMap((platform) =>
                both.map((name) => `${name}-${platform}`),
            ),
            "tiny-index",
        ],
        make: () => program('platforms: ["linux/amd64", "linux/arm64"],'),
    },
    {
        name: "the whole project in another folder",
        differ: [],
        make: () => () => {},
        async preview() {
            const moved = await stack.copyTo(join(stack.folder, "..", uniqueName("moved")));
            const preview = await moved.preview("--diff");
            await moved.remove();
            return preview;
        },
    },
    // The last one: it leaves the stack with given credentials.
    {
        name: "a rotated password of given credentials",
        differ: [],
        async make() {
            const username = JSON.stringify(lab.admin.username);
            program(`credentials: { username: ${username}, password: process.env["PUSH"] ?? "" },`);
            const undo = environment({ PUSH: lab.admin.password });
            succeeded(await stack.up());
            undo();
            return environment({ PUSH: "Rotated-passw0rd" });
        },
    },
];

for (const change of changes) {
    const who = change.differ.length === 0 ? "nothing" : change.differ.join(", ");
    test(`${change.name} is a diff of ${who}`, async () => {
        const undo = await change.make();
        const preview = (await change.preview?.()) ?? (await stack.preview("--diff"));
        undo();
        assert.equal(preview.code, 0, preview.output);
        const differ = Object.entries(preview.operations)
            .filter(([, operation]) => operation !== "same")
            .map(([name]) => name);
        assert.deepEqual(differ.sort(), [...change.differ].sort(), preview.output);
    });
}
