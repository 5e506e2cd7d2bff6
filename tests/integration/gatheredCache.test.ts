import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readContents } from "../support/harborContents";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { all } from "../support/quickstart";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

/** Like a Go program: what changes seldom is copied and run first. */
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY deps.txt /src/",
    "RUN cat /src/deps.txt > /deps",
    "COPY main.txt /src/",
    "RUN cat /deps /src/main.txt > /out",
    "FROM alpine:3.22",
    "COPY conf.txt /etc/",
    "COPY --from=build /out /out",
    "RUN cat /etc/conf.txt && cat /out",
    "",
].join("\n");
const depsSteps = ["COPY deps.txt /src/", "RUN cat /src/deps.txt > /deps"];
const mainSteps = ["COPY main.txt /src/", "RUN cat /deps /src/main.txt > /out"];
const finalSteps = [
    "COPY conf.txt /etc/",
    "COPY --from=build /out /out",
    "RUN cat /etc/conf.txt && cat /out",
];
const project = uniqueName("gathered");
let files: string;
let lab: Lab;
let main: TestStack;

const program = (project: string, more = "") => `
import { CachedImage } from "harbor-build";

new CachedImage("app", { project: ${project}, context: "app", ${more} });
`;

before(async () => {
    lab = openLab();
    files = writeFolder({
        "app/Dockerfile": dockerfile,
        "app/deps.txt": "deps\n",
        "app/main.txt": "main\n",
        "app/conf.txt": "conf\n",
    });
    const declared = program(`{ name: "${project}" }`, "retainImages: false,");
    main = await TestStack.create(lab, declared, { files, stack: "main" });
    const up = await main.up();
    assert.equal(up.code, 0, up.output);
    assert.doesNotMatch(up.output, /takes over/, "what this run pushed is here already");
});

/** An up on a new runner, and the steps of its builds. */
async function upOnNewRunner(stack: TestStack) {
    await newRunner(lab);
    const { result: up, builds } = await recordBuilds(lab, () => stack.up());
    return { up, built: builds.map((build) => steps(build)) };
}

const cacheTags = async (scope: string) =>
    Object.entries((await readContents(lab.admin, project))?.["app/cache"] ?? {})
        .flatMap(([digest, tags]) => tags.map((tag) => `${tag}@${digest}`))
        .filter((tag) => tag.startsWith(`${scope}@`) || tag.startsWith(`${scope}__`))
        .sort();

test("uses the builder-stage image of a failed app image as cache on the next runner", async () => {
    const change = (name: string, text: string) => writeFile(join(main.folder, "app", name), text);
    await change("main.txt", "main, changed\n");
    await change("Dockerfile", `${dockerfile}RUN exit 3\n`);
    const failed = await upOnNewRunner(main);
    assert.notEqual(failed.up.code, 0);
    assert.deepEqual(failed.built[0], {
        ...all(depsSteps, "cached"),
        ...all(mainSteps, "built"),
    });
    await change("Dockerfile", dockerfile);
    const mended = await upOnNewRunner(main);
    assert.equal(mended.up.code, 0, mended.up.output);
    assert.deepEqual(mended.built, [
        {
            ...all([...depsSteps, ...mainSteps, "COPY conf.txt /etc/"], "cached"),
            ...all(finalSteps.slice(1), "built"),
        },
    ]);
    assert.match(
        mended.up.output,
        /main__build exists \(\S+\); the records of main__build are added to main/,
    );
});

test("gathers main's cache once into a branch's stack, and adds the branch's steps", async () => {
    const before = await cacheTags("main");
    const branch = await TestStack.create(
        lab,
        program(
            `{ name: "${project}", existing: true }`,
            'tags: ["branch"], cache: { fallbackScopes: ["main"] },',
        ),
        { files, stack: "branch" },
    );
    await writeFile(join(branch.folder, "app/main.txt"), "the branch's\n");
    const first = await upOnNewRunner(branch);
    assert.equal(first.up.code, 0, first.up.output);
    assert.deepEqual(first.built, [
        { ...all(depsSteps, "cached"), ...all(mainSteps, "built") },
        {
            ...all([...depsSteps, ...mainSteps, "COPY conf.txt /etc/"], "cached"),
            ...all(finalSteps.slice(1), "built"),
        },
    ]);
    assert.match(
        first.up.output,
        /branch is not written yet, .*; the records of main are added to branch/,
    );
    for (let run = 0; run < 4; run++) {
        await writeFile(join(branch.folder, "app/conf.txt"), `conf ${run}\n`);
        const { up, built } = await upOnNewRunner(branch);
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(built, [
            { ...all([...depsSteps, ...mainSteps], "cached"), ...all(finalSteps, "built") },
        ]);
    }
    assert.deepEqual(await cacheTags("main"), before, "main's cache is as it was");
});

test("takes nothing over in a preview, and reports that the next deployment will", async () => {
    const before = await readContents(lab.admin, project);
    const other = await TestStack.create(
        lab,
        program(
            `{ name: "${project}", existing: true }`,
            `cache: { fallbackScopes: ["main"] }, credentials: {
                username: process.env["HARBOR_USERNAME"] ?? "",
                password: process.env["HARBOR_PASSWORD"] ?? "",
            },`,
        ),
        { files, stack: "other" },
    );
    const preview = await other.preview();
    assert.equal(preview.code, 0, preview.output);
    assert.match(
        preview.output,
        /other is not written yet, .*; the next deployment adds the records of main, main__build to other, and a preview builds without them/,
    );
    assert.deepEqual(await readContents(lab.admin, project), before);
});
