import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ensureBases } from "../../tools/bench/bases";
import { node, quickstart, type Sample } from "../../tools/bench/samples";
import { type BuildRecord, recordBuilds, steps } from "../support/buildRecord";
import { describeImage, readConfig } from "../support/image";
import { openLab, uniqueName, workDir } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const lab = openLab();
const host = new URL(lab.admin.url).host;

const program = (project: string, args: object) => `
import { CachedImage } from "harbor-build";

export const digest = new CachedImage("app", {
    project: { name: "${project}", public: true },
    context: "app",
    retainImages: false,
    ...${JSON.stringify(args)},
}).digest;
`;

/** A stack with a copy of a sample. */
async function declare(context: string, name: string, args: object) {
    const project = uniqueName(`same-${name}`);
    const stack = await TestStack.create(lab, program(project, args), { stack: name });
    await cp(context, join(stack.folder, "app"), { recursive: true });
    return { stack, repository: `${project}/app` };
}

/** Builds the changed sample on a new builder; gives the image's content, and the records. */
async function buildChanged(
    { stack, repository }: Awaited<ReturnType<typeof declare>>,
    { changes }: Sample,
) {
    await changes.source(join(stack.folder, "app"), "changed");
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    const digest = String((await stack.outputs())["digest"]);
    const [files, { config }] = await Promise.all([
        describeImage(lab.admin, repository, digest),
        readConfig(lab.admin, repository, digest),
    ]);
    return { image: { files, config }, builds };
}

const restores = (builds: readonly BuildRecord[]) =>
    builds.flatMap((build) =>
        Object.keys(steps(build)).filter((step) => step.includes(",target=/.harbor-build/b ")),
    ).length;

/** Proves that a sample's image is the same with carried mounts and without. */
async function compare(context: string, sample: Sample): Promise<void> {
    const mounts = sample.mounts.length === 0 ? {} : { cacheMounts: { build: sample.mounts } };
    const carrying = await declare(context, "carrying", {
        ...mounts,
        cache: { carryMounts: true },
    });
    succeeded(await carrying.stack.up());
    const carried = await buildChanged(carrying, sample);
    assert.notEqual(restores(carried.builds), 0);
    const plain = await buildChanged(await declare(context, "plain", {}), sample);
    assert.equal(restores(plain.builds), 0);
    assert.deepEqual(carried.image, plain.image);
}

test("a Go program has the same image with carried mounts and without", async () => {
    await compare(quickstart.folder, quickstart);
});

test("a Node.js program has the same image with carried mounts and without", async () => {
    const project = uniqueName("same-base");
    const base = await TestStack.create(lab, program(project, { tags: ["24"] }));
    const [tree] = await ensureBases([node], {
        folder: workDir,
        node: process.execPath,
        caBundle: "",
    });
    assert.ok(tree);
    await cp(tree.folder, join(base.folder, "app"), { recursive: true, verbatimSymlinks: true });
    const lines = [
        "FROM alpine:3.22",
        "COPY . /",
        "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
    ];
    writeFileSync(join(base.folder, "app", "Dockerfile"), `${lines.join("\n")}\n`);
    succeeded(await base.up());
    const dockerfile = readFileSync(join(node.folder, "Dockerfile"), "utf8");
    const context = writeFolder({});
    await cp(node.folder, context, { recursive: true });
    writeFileSync(
        join(context, "Dockerfile"),
        dockerfile.replaceAll("FROM node:24", `FROM ${host}/${project}/app:24`),
    );
    await compare(context, node);
});
