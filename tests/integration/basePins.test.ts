import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readContents, taggedDigest } from "../support/harborContents";
import { readManifest } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { pull } from "../support/registry";
import { changesOf, succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const basesProject = uniqueName("bases");
const project = uniqueName("pins");
const builderImage = "tiny-stage-build";
const appImage = "tiny-app";
let lab: Lab;
let bases: TestStack;
let stack: TestStack;
/** The base images as a Dockerfile names them. */
let names: { readonly go: string; readonly run: string };

/**
 * Two base images, each of a folder of its own, the first an index of two platforms as those of
 * Docker Hub are. Everyone may pull them.
 */
const basesProgram = `
import * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";

const { HARBOR_URL = "", HARBOR_USERNAME: username, HARBOR_PASSWORD: password } = process.env;
const address = new URL(HARBOR_URL).host;
const name = ${JSON.stringify(basesProject)};
const project = new harbor.Project("bases", { name, public: true, forceDestroy: true });
const platforms = { go: ["linux/amd64", "linux/arm64"], run: [] };
for (const base of ["go", "run"] as const) {
    new dockerBuild.Image(base, {
        context: { location: base },
        platforms: platforms[base],
        tags: [\`\${address}/\${name}/\${base}:1\`],
        exports: [{ registry: { ociMediaTypes: true } }],
        push: false,
        buildOnPreview: false,
        registries: [{ address, username, password }],
    }, { dependsOn: project, retainOnDelete: true });
}
`;

const program = (args: string) => `
import { BaseImagePolicy, CachedImage } from "harbor-build";

const tiny = new CachedImage("tiny", {
    project: { name: ${JSON.stringify(project)} },
    context: "tiny",
    retainImages: false,
    ${args}
});
export const { digest, references, baseImages } = tiny;
`;

const pin = "baseImages: BaseImagePolicy.Pin,";

before(async () => {
    lab = openLab();
    const { host } = new URL(lab.admin.url);
    names = { go: `${host}/${basesProject}/go:1`, run: `${host}/${basesProject}/run:1` };
    const base = "FROM alpine:3.22\nCOPY version.txt /version\n";
    const baseFiles = writeFolder({
        "go/Dockerfile": base,
        "go/version.txt": "go 1\n",
        "run/Dockerfile": `${base}ONBUILD RUN cat /version > /triggered\n`,
        "run/version.txt": "run 1\n",
    });
    bases = await TestStack.create(lab, basesProgram, { files: baseFiles });
    succeeded(await bases.up());
    const files = writeFolder({
        "tiny/Dockerfile": [
            `FROM ${names.go} AS build`,
            "COPY lib.txt /src/",
            "RUN cat /version /src/lib.txt > /out",
            `FROM ${names.run}`,
            "COPY --from=build /out /out",
            "RUN cat /version > /seen",
            "",
        ].join("\n"),
        "tiny/lib.txt": "read by the builder stage\n",
    });
    stack = await TestStack.create(lab, program(""), { files });
});

/** Pushes another image under a base's tag. */
async function move(base: "go" | "run", version: string): Promise<void> {
    writeFileSync(join(bases.folder, base, "version.txt"), `${base} ${version}\n`);
    succeeded(await bases.up());
}

/** The digests of the base images in Harbor, by the name that the Dockerfile has for them. */
async function digests(): Promise<Record<string, string>> {
    const contents = await readContents(lab.admin, basesProject);
    return {
        [names.go]: taggedDigest(contents, "go", "1"),
        [names.run]: taggedDigest(contents, "run", "1"),
    };
}

/** What a preview would change, with the properties that differ, and what it shows. */
async function changes(): Promise<{
    readonly differ: Readonly<Record<string, readonly string[] | undefined>>;
    readonly output: string;
}> {
    const preview = succeeded(await stack.preview("--diff"));
    const names = Object.keys(changesOf(preview));
    return {
        differ: Object.fromEntries(names.map((name) => [name, preview.diffs[name]])),
        output: preview.output,
    };
}

async function up() {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    return { ...succeeded(result), builds: builds.map(steps), outputs: await stack.outputs() };
}

const layers = async () =>
    (await readManifest(lab.admin, `${project}/tiny`, "latest")).layers.map(({ digest }) => digest);

const builderSteps = (how: string) => ({
    "COPY lib.txt /src/": how,
    "RUN cat /version /src/lib.txt > /out": how,
});
const appSteps = (how: string) => ({
    // The base image's own, by ONBUILD.
    "ONBUILD RUN cat /version > /triggered": how,
    "COPY --from=build /out /out": how,
    "RUN cat /version > /seen": how,
});

test("changes only one property of each image with pinned bases: steps, layers and digest stay the same", async () => {
    const float = await up();
    assert.deepEqual(float.outputs["baseImages"], {});
    const floating = await layers();
    await stack.program(program(pin));
    const pinned = await up();
    assert.deepEqual(pinned.diffs, {
        [builderImage]: ["context.named"],
        [appImage]: ["context.named"],
    });
    assert.deepEqual(pinned.builds, [
        builderSteps("cached"),
        { ...builderSteps("cached"), ...appSteps("cached") },
    ]);
    assert.deepEqual(await layers(), floating);
    assert.equal(pinned.outputs["digest"], float.outputs["digest"]);
    assert.deepEqual(pinned.outputs["baseImages"], await digests());
    const { headers } = await pull(lab.admin, `${basesProject}/go`, "manifests/1");
    assert.equal(headers["content-type"], "application/vnd.oci.image.index.v1+json");
});

test("shows no diff while bases do not move, in this folder and in another one", async () => {
    assert.deepEqual((await changes()).differ, {});
    const moved = await stack.copyTo(join(stack.folder, "..", uniqueName("moved")));
    const preview = await moved.preview("--expect-no-changes");
    await moved.remove();
    assert.equal(preview.code, 0, preview.output);
});

test("keeps the cache usable with pinned bases on a new runner", async () => {
    await newRunner(lab);
    writeFileSync(join(stack.folder, "tiny/lib.txt"), "changed\n");
    await up();
    await newRunner(lab);
    await stack.program(program(`${pin} labels: { release: "2" },`));
    const { builds } = await up();
    assert.deepEqual(builds, [{ ...builderSteps("cached"), ...appSteps("cached") }]);
});

test("shows a moved base of the final stage as a diff of the app image, from digest to digest", async () => {
    const old = await digests();
    await move("run", "2");
    const { differ, output } = await changes();
    assert.deepEqual(differ, { [appImage]: ["context.named"] });
    const location = (digest = "") => `"docker-image://${names.run}@${digest}"`;
    const [before, now] = [old[names.run], (await digests())[names.run]];
    assert.notEqual(before, now);
    assert.ok(output.includes(`~ location: ${location(before)} => ${location(now)}`), output);
    const { builds, outputs } = await up();
    assert.deepEqual(builds, [{ ...builderSteps("cached"), ...appSteps("built") }]);
    assert.deepEqual(outputs["baseImages"], await digests());
    assert.deepEqual((await changes()).differ, {});
});

test("shows a moved base of the builder stage as a diff of both images", async () => {
    await move("go", "2");
    assert.deepEqual((await changes()).differ, {
        [builderImage]: ["context.named"],
        [appImage]: ["context.named"],
    });
    await up();
    assert.deepEqual((await changes()).differ, {});
});

test("keeps a tag by content until a base moves", async () => {
    await stack.program(program(`${pin} tagByContent: true,`));
    const tagNow = async () => {
        const { outputs } = await up();
        // The output was given as a list of references.
        const [reference = ""] = outputs["references"] as string[];
        return reference.slice(reference.lastIndexOf(":") + 1);
    };
    const first = await tagNow();
    assert.match(first, /^src-[0-9a-f]{32}$/);
    assert.deepEqual((await changes()).differ, {});
    await move("run", "3");
    const { differ, output } = await changes();
    assert.deepEqual(differ, { [appImage]: ["context.named", "tags"] });
    const second = await tagNow();
    assert.notEqual(second, first);
    assert.ok(output.includes(`${first}" => `) && output.includes(second), output);
    const contents = await readContents(lab.admin, project);
    assert.ok(taggedDigest(contents, "tiny", first) !== taggedDigest(contents, "tiny", second));
});

test("shows no diff for the moved tag of a floating base image", async () => {
    await stack.program(program("baseImages: BaseImagePolicy.Float,"));
    await up();
    await move("go", "4");
    await move("run", "4");
    assert.deepEqual((await changes()).differ, {});
});

needingSystemRights("proxy-cache projects")(
    "pins through a proxy cache that the same program creates, after its first preview",
    async () => {
        const cache = uniqueName("pins-through");
        const { host } = new URL(lab.admin.url);
        const through = `${host}/${cache}/${basesProject}/run:1`;
        const files = writeFolder({ "tiny/Dockerfile": `FROM ${through}\nRUN cat /version\n` });
        const first = await TestStack.create(
            lab,
            `
import { BaseImagePolicy, CachedImage } from "harbor-build";
import { Project, Registry } from "harbor-build/harbor";

const { HARBOR_URL: endpointUrl = "", HARBOR_USERNAME: accessId, HARBOR_PASSWORD: accessSecret } = process.env;
const upstream = new Registry("upstream", { providerName: "harbor", endpointUrl, accessId, accessSecret, insecure: true });
new Project("cache", { name: "${cache}", public: true, registryId: upstream.registryId, forceDestroy: true });
export const { baseImages } = new CachedImage("tiny", {
    project: { name: "${uniqueName("pins-own")}" },
    context: "tiny",
    baseImages: BaseImagePolicy.Pin,
    retainImages: false,
});
`,
            { files },
        );
        succeeded(await first.preview());
        succeeded(await first.up());
        const outputs = await first.outputs();
        const { [names.run]: digest } = await digests();
        assert.deepEqual(outputs["baseImages"], { [through]: digest });
        const { operations } = succeeded(await first.preview());
        assert.deepEqual([...new Set(Object.values(operations))], ["same"]);
    },
);
