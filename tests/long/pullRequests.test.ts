import assert from "node:assert/strict";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, test } from "node:test";
import { atEnd } from "../support/atEnd";
import { CiRunner } from "../support/ciRunner";
import { copyExample } from "../support/example";
import { assertGolden } from "../support/golden";
import { readContents } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";
import type { UserProject } from "../support/userProject";
import { githubStep, gitlabScripts, type Values } from "../support/workflow";

const lab = openLab();
const { host } = new URL(lab.admin.url);
const name = uniqueName("pull-requests");

/** The Harbor project with its accounts, and a base image in it. */
const harbor = sharedStack(
    lab,
    `
import { CachedImage, ImageProject } from "harbor-build";

const images = new ImageProject("images", { name: "${name}", retainImages: false });
new CachedImage("base", { project: images.project, context: "base", tags: ["1"] });
export const { readCredentials, pushCredentials } = images;
`,
    {
        files: writeFolder({
            "base/Dockerfile": "FROM alpine:3.22\nCOPY version.txt /\n",
            "base/version.txt": `1 of ${name}\n`,
        }),
        up: true,
    },
);

let example: UserProject;
let runner: CiRunner;
/** What the settings of the repository contain. */
let settings: Values;

before(async () => {
    // The accounts are in the workflow's secrets; the example must work without the administrator's.
    example = await copyExample("pull-requests", {
        HARBOR_URL: "",
        HARBOR_USERNAME: "",
        HARBOR_PASSWORD: "",
        PULUMI_STACK: "",
        HOME: writeFolder({}),
    });
    runner = new CiRunner(example);
    await change("index.ts", (program) => program.replace('"shop"', `"${name}"`));
    // Unique contents: an earlier run may have left its cache in the BuildKit.
    await change("app/index.html", (page) => `${page}<!-- ${name} -->\n`);
    await change("app/Dockerfile", (dockerfile) =>
        dockerfile.replaceAll("alpine:3.22", `${host}/${name}/base:1`),
    );
    // The outputs have the shape of RegistryCredentials.
    const accounts = (await harbor.outputs()) as Record<string, Record<string, string>>;
    settings = {
        HARBOR_URL: lab.admin.url,
        PULUMI_BACKEND_URL: `file://${writeFolder({})}`,
        PULUMI_CONFIG_PASSPHRASE: "only for this test",
        HARBOR_READ_USERNAME: accounts["readCredentials"]?.["username"] ?? "",
        HARBOR_READ_PASSWORD: accounts["readCredentials"]?.["password"] ?? "",
        HARBOR_PUSH_USERNAME: accounts["pushCredentials"]?.["username"] ?? "",
        HARBOR_PUSH_PASSWORD: accounts["pushCredentials"]?.["password"] ?? "",
    };
});

const read = (file: string) => readFile(join(example.folder, file), "utf8");

/** Edits a file; returns a function that restores it. */
async function change(file: string, edit: (text: string) => string) {
    const path = join(example.folder, file);
    const old = await readFile(path, "utf8");
    await writeFile(path, edit(old));
    return () => writeFile(path, old);
}

/** Runs a step of GitHub's workflow for pull request 7. */
async function github(job: string, step: string) {
    const summary = join(example.folder, "summary.md");
    await rm(summary, { force: true });
    const prefixed = (prefix: string) =>
        Object.entries(settings).map(([name, value]) => [`${prefix}.${name}`, value]);
    const script = githubStep(await read(".github/workflows/pulumi.yml"), {
        job,
        step,
        values: {
            ...Object.fromEntries([...prefixed("vars"), ...prefixed("secrets")]),
            "github.event.pull_request.number": "7",
            "github.repository": "shop/web",
            "github.token": "token-of-the-job",
        },
    });
    const environment = {
        ...script.environment,
        GITHUB_PATH: summary,
        GITHUB_STEP_SUMMARY: summary,
    };
    const ended = await runner.run({ ...script, environment });
    return { ...ended, summary: await readFile(summary, "utf8").catch(() => "") };
}

/** The comment that the workflow posts for a preview; the preview's exit code. */
async function comment(): Promise<{ readonly code: number; readonly comment: string }> {
    await rm(join(example.folder, "report.md"), { force: true });
    const { code, output } = await github("preview", "Preview");
    const { calls } = await github("preview", "Comment");
    assert.deepEqual(
        calls,
        ["gh pr comment 7 --edit-last --create-if-none --body-file report.md"],
        output,
    );
    const comment = await read("report.md");
    assert.equal((await github("preview", "Report")).summary, comment);
    return { code, comment };
}

/** A comment without what differs between runs and registries. */
const stable = (comment: string) =>
    comment
        .replaceAll(host.replace(":", "&#58;"), "harbor.example.com")
        .replaceAll(name, "shop")
        .replace(/\d+\.\d s\b/g, "0.0 s")
        .replace(/(sha256&#58;)[0-9a-f]+…?/g, "$1…");

const goldenComment = async (file: string) =>
    assertGolden(`comments/${file}.md`, stable((await comment()).comment));

/** Tags of the image in Harbor. */
const tags = async () =>
    Object.values((await readContents(lab.admin, name))?.["web"] ?? {})
        .flat()
        .sort();

test("GitHub's steps install the packages, a builder and Pulumi", async () => {
    const { calls, summary: path } = await github("preview", "Install");
    assert.deepEqual(calls, [
        "npm ci",
        "docker buildx create --use",
        "curl -fsSL https://get.pulumi.com",
    ]);
    assert.match(path, /\/\.pulumi\/bin\n$/);
});

test("GitHub's pull request gets a comment about a cold cache", async () => {
    await goldenComment("cold-cache");
});

test("GitHub's push to main deploys the image", async () => {
    assert.deepEqual(await tags(), []);
    const { code, output } = await github("deploy", "Up");
    assert.equal(code, 0, output);
    assert.deepEqual(await tags(), ["latest"]);
    assert.match((await github("deploy", "Report")).summary, /2 built and pushed/);
});

test("GitHub's pull request gets a comment that nothing changed", async () => {
    await goldenComment("nothing-changed");
    assert.deepEqual(await tags(), ["latest"], "a preview pushes nothing");
});

test("GitHub's pull request gets a comment about a changed source file", async () => {
    const restore = await change("app/index.html", (page) => `${page}<!-- changed -->\n`);
    await goldenComment("changed-source");
    await restore();
});

test("GitHub's pull request gets a comment about a broken Dockerfile, and fails", async () => {
    const restore = await change("app/Dockerfile", (text) => text.replace("RUN sed", "RUN sad"));
    const { code, comment: broken } = await comment();
    assert.notEqual(code, 0);
    assertGolden("comments/broken-dockerfile.md", stable(broken));
    await restore();
});

test("GitHub's pull request gets a comment about a moved base image", async () => {
    const bases = (comment: string) => /^- \*\*Base images\*\*: .*$/m.exec(comment)?.[0];
    const { comment: before } = await comment();
    await appendFile(join(harbor.folder, "base", "version.txt"), "2\n");
    succeeded(await harbor.up());
    const { comment: moved } = await comment();
    assert.notEqual(bases(moved), bases(before));
    assertGolden("comments/moved-base.md", stable(moved));
});

test("GitHub's label review deploys a stack, which closing the pull request destroys", async () => {
    const up = await github("review", "Up");
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(await tags(), ["latest", "review-7"]);
    const destroy = await github("review", "Destroy");
    assert.equal(destroy.code, 0, destroy.output);
    assert.match(destroy.output, / history and configuration removed\.\n$/);
});

test("GitLab's jobs do the same, and post the comment to the merge request", async () => {
    const notes: { url: string; token: unknown; body: string }[] = [];
    const server = createServer(async (request, response) => {
        const body = new URLSearchParams(await text(request)).get("body") ?? "";
        notes.push({ url: request.url ?? "", token: request.headers["private-token"], body });
        response.writeHead(201).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => server.close());
    // A server that listens on TCP has such an address.
    const { port } = server.address() as AddressInfo;
    const file = await read(".gitlab-ci.yml");
    const job = async (job: string) => {
        const variables = {
            ...settings,
            BUILDKIT_ADDRESS: lab.buildkitAddress,
            DOCKER_CONFIG: "",
            GITLAB_TOKEN: "token-of-the-project",
            CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
            CI_PROJECT_ID: "3",
            CI_MERGE_REQUEST_IID: "8",
        };
        const { main, after } = gitlabScripts(file, { job, variables });
        const { code, output, calls } = await runner.run(main);
        assert.equal(code, 0, output);
        assert.deepEqual(calls.slice(0, 2), ["npm ci", "curl -fsSL https://get.pulumi.com"]);
        await runner.run(after);
    };
    await job("preview");
    assert.deepEqual(notes, [
        {
            url: "/api/v4/projects/3/merge_requests/8/notes",
            token: "token-of-the-project",
            body: await read("report.md"),
        },
    ]);
    await job("review");
    assert.deepEqual(await tags(), ["latest", "review-7", "review-8"]);
    await job("stop-review");
    await job("deploy");
});
