import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readContents, taggedDigest } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { all } from "../support/quickstart";
import { changesOf, succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { TestStack } from "../support/stack";
import {
    builderSteps,
    finalSteps,
    tinyFiles,
    tinyProgram,
    writeFolder,
} from "../support/tinyProject";

const project = uniqueName("preview");

const given = `credentials: {
        username: process.env["HARBOR_USERNAME"] ?? "",
        password: process.env["HARBOR_PASSWORD"] ?? "",
    },`;
const building = tinyProgram(project, `preview: "build", ${given}`);
const planning = tinyProgram(project, `preview: "plan", ${given}`);

const lab = openLab();
const stack = sharedStack(lab, building, { files: writeFolder(tinyFiles) });

/** Runs with a file's text changed, and puts the old one back. */
async function withText<T>(
    path: string,
    change: (text: string) => string,
    action: () => Promise<T>,
): Promise<T> {
    const file = join(stack.folder, path);
    const before = await readFile(file, "utf8");
    await writeFile(file, change(before));
    try {
        return await action();
    } finally {
        await writeFile(file, before);
    }
}

/** A preview, its builds, and proof that neither Harbor nor the state took notice of it. */
async function previewAlone(...args: string[]) {
    const contents = await readContents(lab.admin, project);
    const state = await stack.state();
    const { result, builds } = await recordBuilds(lab, () => stack.preview(...args));
    assert.deepEqual(await readContents(lab.admin, project), contents, "Harbor is as it was");
    assert.equal(await stack.state(), state, "the state is as it was");
    return { preview: result, builds };
}

test("builds every image and pushes none in the first preview of a stack with credentials", async () => {
    await newRunner(lab);
    const { preview, builds } = await previewAlone();
    assert.equal(preview.code, 0, preview.output);
    assert.deepEqual(
        builds.map((build) => steps(build)),
        [
            all(builderSteps, "built"),
            { ...all(builderSteps, "cached"), ...all(finalSteps, "built") },
        ],
    );
    assert.equal(await readContents(lab.admin, project), undefined, "there is no project yet");
});

test("reports a failing RUN in the preview with BuildKit's message and the line in the whole file", async () => {
    const { preview } = await withText(
        "tiny/Dockerfile",
        (text) => `# A comment, which no slice has.\n${text}RUN echo no luck >&2; exit 7\n`,
        () => previewAlone(),
    );
    assert.notEqual(preview.code, 0);
    const lines = preview.output.split("\n").map((line) => line.trim());
    assert.ok(
        lines.includes(
            "error: Preview failed: failed to solve: process " +
                '"/bin/sh -c echo no luck >&2; exit 7" did not complete successfully: exit code: 7',
        ),
        preview.output,
    );
    assert.ok(
        lines.includes("warning: tiny/Dockerfile: line 11: RUN echo no luck >&2; exit 7"),
        preview.output,
    );
});

test("reports an instruction that only BuildKit rejects in the preview, with BuildKit's message", async () => {
    const { preview } = await withText(
        "tiny/Dockerfile",
        (text) => text.replace("/out /out", "/absent /out"),
        () => previewAlone(),
    );
    assert.notEqual(preview.code, 0);
    assert.match(preview.output, /error: Preview failed: failed to solve: .*"\/absent": not found/);
    assert.match(
        preview.output,
        /warning: tiny\/Dockerfile: line 8: COPY --from=build \/absent \/out$/m,
    );
});

test("reports a missing base image with its line", async () => {
    const { preview } = await withText(
        "tiny/Dockerfile",
        (text) =>
            `# A comment, which no slice has.\n${text.replace("FROM alpine:3.22\n", "FROM alpine:0.0.1\n")}`,
        () => previewAlone(),
    );
    assert.notEqual(preview.code, 0);
    assert.match(
        preview.output,
        /the base image docker\.io\/library\/alpine:0\.0\.1 does not exist/,
    );
    assert.match(preview.output, /warning: tiny\/Dockerfile: line 6: FROM alpine:0\.0\.1$/m);
});

test("fails the preview for an unreadable Dockerfile before BuildKit starts", async () => {
    const { preview, builds } = await withText(
        "tiny/Dockerfile",
        (text) => `${text}COPY --nonsense conf.txt /x\n`,
        () => previewAlone(),
    );
    assert.notEqual(preview.code, 0);
    assert.match(
        preview.output,
        /dockerfile: tiny\/Dockerfile: line 10: COPY has no flag --nonsense; it takes --from, /,
    );
    assert.deepEqual(builds, []);
});

test("builds only what would change in a preview of a deployed stack", async () => {
    const up = await stack.up();
    assert.equal(up.code, 0, up.output);
    const refresh = await stack.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.output);
    const unchanged = await previewAlone();
    assert.deepEqual(unchanged.builds, []);

    const { preview, builds } = await withText(
        "tiny/conf.txt",
        (text) => `${text}more\n`,
        () => previewAlone(),
    );
    assert.equal(preview.code, 0, preview.output);
    assert.deepEqual(changesOf(preview), { "tiny-app": "update", "tiny-cache": "update" });
    assert.deepEqual(
        builds.map((build) => steps(build)),
        [{ ...all(builderSteps, "cached"), ...all(finalSteps, "built") }],
    );
});

test("builds nothing in a preview without builds, and reports what would be built from which cache", async () => {
    await stack.program(planning);
    const up = await stack.up();
    assert.equal(up.code, 0, up.output);
    const cache = taggedDigest(await readContents(lab.admin, project), "tiny/cache", "dev__build");
    const own = taggedDigest(await readContents(lab.admin, project), "tiny/cache", "dev");
    const { preview, builds } = await withText(
        "tiny/conf.txt",
        (text) => `${text}more\n`,
        () => previewAlone(),
    );
    assert.equal(preview.code, 0, preview.output);
    assert.deepEqual(builds, []);
    assert.deepEqual(changesOf(preview), { "tiny-app": "update" });
    const short = (digest: string) => digest.slice(0, "sha256:".length + 12);
    const line = `cache: dev exists (${short(own)}…), dev__build exists (${short(cache)}…)`;
    assert.ok(preview.output.includes(line), preview.output);
});

test("leaves a registry cache alone in previews that build, and writes it in the next up", async () => {
    await stack.program(
        tinyProgram(project, `preview: "build", cache: { backend: "registry" }, ${given}`),
    );
    const up = await stack.up();
    assert.equal(up.code, 0, up.output);
    const change = (text: string) => `${text}yet more\n`;
    const cache = async () =>
        taggedDigest(await readContents(lab.admin, project), "tiny/cache", "dev");
    const before = await cache();
    await withText("tiny/conf.txt", change, async () => {
        const { preview, builds } = await previewAlone();
        assert.deepEqual(changesOf(preview), { "tiny-app": "update", "tiny-cache": "update" });
        assert.equal(builds.length, 1);
        const next = await stack.up();
        assert.equal(next.code, 0, next.output);
        assert.notEqual(await cache(), before);
    });
});

test("builds in the first preview with a given secret of a new robot account", async () => {
    const name = uniqueName("given");
    const program = `
import { CachedImage, ImageProject } from "harbor-build";

const shop = new ImageProject("shop", { name: "${name}", secrets: { push: "Not-yet-in-Harbor-1" } });
new CachedImage("tiny", { project: shop.project, context: "tiny", preview: "build" });
`;
    const own = await TestStack.create(lab, program, {
        files: writeFolder(tinyFiles),
        environment: { HARBOR_BUILD_REPORT: "report.md" },
    });
    await newRunner(lab);
    const { result: preview, builds } = await recordBuilds(lab, () => own.preview());
    assert.equal(preview.code, 0, preview.output);
    assert.deepEqual(
        builds.map((build) => steps(build)),
        [
            all(builderSteps, "built"),
            { ...all(builderSteps, "cached"), ...all(finalSteps, "built") },
        ],
    );
    assert.equal(await readContents(lab.admin, name), undefined, "there is no project yet");
    succeeded(await own.up());
    const text = await readFile(join(own.folder, "report.md"), "utf8");
    const found = text.matchAll(/First step that ran\*\*: <code>([^<]*)/g);
    const reasons = [...found].map(([, reason]) => reason);
    const reason = "none, an earlier preview built the image";
    assert.deepEqual(reasons, [reason, reason], text);
});

test("builds nothing in the first preview with a new robot account, logs why, and knows the references", async () => {
    const other = uniqueName("robot");
    const own = await TestStack.create(
        lab,
        `${tinyProgram(other, 'preview: "build", tags: ["1.0", "1"],')}
export const references = tiny.references;
`,
        { files: writeFolder(tinyFiles) },
    );
    const { result: preview, builds } = await recordBuilds(lab, () => own.preview());
    assert.equal(preview.code, 0, preview.output);
    assert.deepEqual(builds, []);
    for (const line of [
        "dev__build has not been checked yet; their login is known only after the deployment creates it",
        "warning: Skipping preview build because some inputs are unknown.",
        `[0]: "${new URL(lab.admin.url).host}/${other}/tiny:1.0"`,
        `[1]: "${new URL(lab.admin.url).host}/${other}/tiny:1"`,
    ]) {
        assert.ok(preview.output.includes(line), `${line}\n${preview.output}`);
    }
});
