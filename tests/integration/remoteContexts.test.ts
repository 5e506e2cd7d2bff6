import assert from "node:assert/strict";
import { before, test } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { type GitRepository, serveRepository } from "../support/gitServer";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("remote");
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY source.txt /source.txt",
    "RUN cat /source.txt > /out",
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
    "",
].join("\n");
const program = (context: string, args = "", name = project) => `
import { CachedImage } from "harbor-build";

new CachedImage("app", {
    project: { name: ${JSON.stringify(name)} },
    context: ${JSON.stringify(context)},
    retainImages: false,
    ${args}
});
`;
let lab: Lab;
let repository: GitRepository;
let stack: TestStack;

before(async () => {
    lab = openLab();
    repository = await serveRepository();
    repository.commit({ Dockerfile: dockerfile, "source.txt": `${project} one\n` }, "v1");
    repository.commit({ "source.txt": `${project} two\n` }, "v2");
    stack = await TestStack.create(lab, program(`${repository.url}#v1`));
});

test("BuildKit fetches a Git repository and builds the Dockerfile in it", async () => {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    const note = `builds from the whole Dockerfile and the whole context: BuildKit fetches the context ${repository.url}#v1`;
    assert.ok(succeeded(result).output.includes(note), result.output);
    assert.deepEqual(builds.map(steps), [
        {
            "COPY source.txt /source.txt": "built",
            "RUN cat /source.txt > /out": "built",
            "COPY --from=build /out /out": "built",
        },
    ]);
    assert.deepEqual(changesOf(succeeded(await stack.preview())), {});
});

test("another revision in the URL is a diff", async () => {
    await stack.program(program(`${repository.url}#v2`));
    const run = succeeded(await stack.up());
    assert.deepEqual(changesOf(run), { app: "update", "app-app": "update" });
    assert.deepEqual(run.diffs["app-app"], ["context.location"]);
});

test("a Dockerfile as text reads the repository's files, and its builder stages are found", async () => {
    const inline = `dockerfileInline: ${JSON.stringify(`${dockerfile}ENV A=1\n`)},`;
    await stack.program(program(`${repository.url}#v2`, inline));
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.deepEqual(changesOf(succeeded(result)), {
        app: "update",
        "app-stage-build": "create",
        "app-app": "update",
    });
    assert.deepEqual(builds.map(steps), [
        { "COPY source.txt /source.txt": "cached", "RUN cat /source.txt > /out": "cached" },
        {
            "COPY source.txt /source.txt": "cached",
            "RUN cat /source.txt > /out": "cached",
            "COPY --from=build /out /out": "cached",
        },
    ]);
});

test("ADD and named contexts fetch a private repository with the token of the build", async () => {
    const token = "S3cretToken";
    const shut = await serveRepository(token);
    shut.commit({ "a.txt": `${project} private\n` }, "v1");
    const text = [
        "FROM alpine:3.22",
        `ADD ${shut.url}#v1 /added`,
        "COPY --from=lib a.txt /copied",
        "RUN cmp /added/a.txt /copied",
        "",
    ].join("\n");
    const name = uniqueName("private");
    const programWith = (secrets: string) =>
        program("own", `namedContexts: { lib: "${shut.url}#v1" }, secrets: ${secrets},`, name);
    const files = writeFolder({ "own/Dockerfile": text });
    const own = await TestStack.create(lab, programWith("{}"), { files });
    const refused = await own.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /could not read Username|Authentication failed/);

    await own.program(programWith(`{ GIT_AUTH_TOKEN: "${token}", other: "x" }`));
    const { result, builds } = await recordBuilds(lab, () => own.up());
    assert.ok(!succeeded(result).output.includes("builds from the whole"), result.output);
    assert.equal(builds.map(steps)[0]?.["RUN cmp /added/a.txt /copied"], "built");
});
