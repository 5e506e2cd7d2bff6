import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unpackImage } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const lab = openLab();
const host = new URL(lab.admin.url).host;
const project = uniqueName("triggers");

// The images that others are built on: the first copies the whole context, the second nothing, and
// the third a file that the Dockerfile copies too.
sharedStack(
    lab,
    `
import { CachedImage, ImageProject } from "harbor-build";

const { project } = new ImageProject("bases", { name: ${JSON.stringify(project)}, public: true, retainImages: false });
for (const name of ["copying", "harmless", "narrow"]) {
    new CachedImage(name, { project, context: name, tags: ["1"] });
}
`,
    {
        up: true,
        files: writeFolder({
            "copying/Dockerfile": "FROM alpine:3.22\nONBUILD ENV A=1\nONBUILD COPY . /app\n",
            "harmless/Dockerfile": "FROM alpine:3.22\nONBUILD ENV A=1\nONBUILD RUN echo $A > /a\n",
            "narrow/Dockerfile": "FROM alpine:3.22\nONBUILD COPY conf.txt /on/\n",
        }),
    },
);

const program = (base: string, args = "") => `
import { CachedImage, SlicePolicy } from "harbor-build";

const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = process.env;
const app = new CachedImage("app", {
    project: { name: ${JSON.stringify(project)}, existing: true },
    credentials: { username, password },
    context: ${JSON.stringify(base)},
    ${args}
});
export const digest = app.digest;
`;
const app = (base: string) => ({
    [`${base}/Dockerfile`]: `FROM ${host}/${project}/${base}:1\nCOPY conf.txt /etc/\nRUN --mount=type=cache,target=/m cp /etc/conf.txt /m\n`,
    [`${base}/conf.txt`]: "copied by the Dockerfile\n",
    [`${base}/other.txt`]: "copied by the base image's trigger\n",
});
const files = writeFolder({ ...app("copying"), ...app("harmless"), ...app("narrow") });
const stack = sharedStack(lab, program("copying"), { files });

/** Names of the files that the pushed image has in a folder. */
async function filesIn(folder: string): Promise<readonly string[]> {
    const { digest } = await stack.outputs();
    const rootfs = await unpackImage(lab.admin, `${project}/app`, String(digest));
    return readdirSync(join(rootfs, folder)).sort();
}

test("stops preview and build before BuildKit starts when a trigger of the base image reads more than the slice", async () => {
    const obstacle = [
        'CachedImage "app": an argument is invalid.',
        `slicing: the base image "${host}/${project}/copying:1" (copying/Dockerfile, line 1) has the trigger "ONBUILD COPY . /app", which needs more than the component gives the build: the file "Dockerfile". Use SlicePolicy.Whole.`,
    ];
    for (const run of [await stack.preview(), await stack.up()]) {
        assert.notEqual(run.code, 0, run.output);
        for (const line of obstacle) {
            assert.ok(run.output.includes(line), `${line}\n${run.output}`);
        }
    }
});

test("builds an image with the files of the trigger from the whole context, and then shows no diff", async () => {
    await stack.program(program("copying", "slicing: SlicePolicy.Whole,"));
    const up = succeeded(await stack.up());
    assert.ok(
        up.output.includes(
            "builds from the whole Dockerfile and the whole context: SlicePolicy.Whole asks for it",
        ),
        up.output,
    );
    assert.deepEqual(await filesIn("app"), ["Dockerfile", "conf.txt", "other.txt"]);
    succeeded(await stack.preview("--expect-no-changes"));
});

test("keeps the slice when triggers read nothing", async () => {
    await stack.program(program("harmless"));
    const up = succeeded(await stack.up());
    assert.doesNotMatch(up.output, /has the trigger|cannot check|builds from the whole/);
    assert.ok((await filesIn(".")).includes("a"));
});

test("stops preview and build when the stages for carried mounts would run a trigger that copies files", async () => {
    await stack.program(program("narrow", "cache: { carryMounts: true },"));
    const obstacle = `cache.carryMounts: the base image "${host}/${project}/narrow:1" (narrow/Dockerfile, line 1) has the trigger "ONBUILD COPY conf.txt /on/", which would also run in the stages that restore and save cache mounts. Leave carryMounts off.`;
    for (const run of [await stack.preview(), await stack.up()]) {
        assert.notEqual(run.code, 0, run.output);
        assert.ok(run.output.includes(obstacle), run.output);
    }
    await stack.program(program("narrow"));
    succeeded(await stack.up());
    assert.deepEqual(await filesIn("on"), ["conf.txt"]);
});
