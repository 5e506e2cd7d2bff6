import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { atEnd } from "../support/atEnd";
import { type Account, readRepository, tryToChange, tryToUpload } from "../support/attacks";
import { CiRunner } from "../support/ciRunner";
import { changedResources } from "../support/diffOutput";
import { copyExample } from "../support/example";
import { assertGolden } from "../support/golden";
import { readContents } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { secretsIn } from "../support/secretSearch";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";
import type { UserProject } from "../support/userProject";
import { githubEnvironment, githubStep, gitlabScript, type Values } from "../support/workflow";

const lab = openLab();
const { host } = new URL(lab.admin.url);
const name = uniqueName("pull-requests");
const reviewName = uniqueName("pull-requests-review");

/** The Harbor projects with their accounts, and a base image. */
const projects = `
import { CachedImage, ImageProject } from "harbor-build";

const images = new ImageProject("images", {
    name: "${name}",
    reviews: { project: "${reviewName}" },
    retainImages: false,
});
new CachedImage("base", { project: images.project, context: "base", tags: ["1"] });
export const { readCredentials, pushCredentials, reviewCredentials } = images;
`;

const head = "0123456789abcdef0123456789abcdef01234567";
/** Artifacts of GitHub, and the answers of its API. */
const artifacts = writeFolder({});
const gh = `
case "$*" in
    "run list"*) echo 4711 ;;
    "run download"*) cp "${artifacts}/public-state.json" "$7" ;;
    *"/artifacts --jq"*) echo 99 ;;
    *"/artifacts/99/zip") cat "${artifacts}/report.zip" ;;
    *".state + "*) echo "open ${head}" ;;
    *"--jq .head.sha") echo "${head}" ;;
    *"--jq .state") echo closed ;;
    "pr comment"*) cp comment.md "${artifacts}/comment.md" ;;
esac
`;

let harbor: TestStack;
let example: UserProject;
let runner: CiRunner;
/** Secrets and variables of the repository, and of each of its environments. */
let settings: Readonly<Record<string, Values>>;
/** Folders of the job that runs the code of a pull request. */
let job: Values;

before(async () => {
    const files = writeFolder({
        "base/Dockerfile": "FROM alpine:3.22\nCOPY version.txt /\n",
        "base/version.txt": `1 of ${name}\n`,
    });
    harbor = await TestStack.create(lab, projects, { files });
    succeeded(await harbor.up());
    // Jobs have only what the workflow gives them.
    example = await copyExample("pull-requests", {
        HARBOR_URL: "",
        HARBOR_USERNAME: "",
        HARBOR_PASSWORD: "",
        PULUMI_STACK: "",
        PULUMI_BACKEND_URL: "",
        PULUMI_CONFIG_PASSPHRASE: "",
        HOME: writeFolder({}),
    });
    runner = new CiRunner(example, gh);
    const DOCKER_CONFIG = writeFolder({});
    await cp(lab.environment["DOCKER_CONFIG"] ?? "", DOCKER_CONFIG, { recursive: true });
    const summary = join(writeFolder({}), "summary.md");
    job = {
        DOCKER_CONFIG,
        RUNNER_TEMP: writeFolder({}),
        GITHUB_PATH: summary,
        GITHUB_STEP_SUMMARY: summary,
    };
    await change("index.ts", (program) =>
        program
            .replace('"shop"', `"${name}"`)
            .replace('"shop-review"', `"${reviewName}"`)
            .replace("preview: ", 'baseImages: "pin",\n    preview: '),
    );
    // Unique contents: an earlier run may have left its cache in the BuildKit.
    await change("app/index.html", (page) => `${page}<!-- ${name} -->\n`);
    await change("app/Dockerfile", (dockerfile) =>
        dockerfile.replaceAll("alpine:3.22", `${host}/${name}/base:1`),
    );
    // The outputs have the shape of RegistryCredentials.
    const accounts = (await harbor.outputs()) as Record<string, Record<string, string>>;
    const nameOf = (kind: string, output: string) => ({
        [`HARBOR_${kind}_USERNAME`]: accounts[output]?.["username"] ?? "",
    });
    const account = (kind: string, output: string) => ({
        ...nameOf(kind, output),
        [`HARBOR_${kind}_PASSWORD`]: accounts[output]?.["password"] ?? "",
    });
    const review = {
        PULUMI_BACKEND_URL: `file://${writeFolder({})}`,
        PULUMI_CONFIG_PASSPHRASE: "passphrase of the reviews",
        ...account("PUSH", "reviewCredentials"),
    };
    settings = {
        repository: {
            HARBOR_URL: lab.admin.url,
            ...nameOf("PUSH", "pushCredentials"),
            ...account("READ", "readCredentials"),
        },
        main: {
            PULUMI_BACKEND_URL: `file://${writeFolder({})}`,
            PULUMI_CONFIG_PASSPHRASE: "passphrase of main / 4711",
            ...account("PUSH", "pushCredentials"),
        },
        review,
        "review-clean-up": review,
    };
});

/** What a pull request must never get. */
const secretsOfMain = () => {
    const { HARBOR_PUSH_USERNAME: _, ...secrets } = settings["main"] ?? {};
    return [...Object.values(secrets), lab.admin.password];
};

const read = (file: string) => readFile(join(example.folder, file), "utf8");

/** Runs a test while a file is edited. */
async function whileChanged(
    file: string,
    edit: (text: string) => string,
    work: () => Promise<unknown>,
): Promise<void> {
    const restore = await change(file, edit);
    try {
        await work();
    } finally {
        await restore();
    }
}

/** Edits a file; returns a function that restores it. */
async function change(file: string, edit: (text: string) => string) {
    const path = join(example.folder, file);
    const old = await readFile(path, "utf8");
    await writeFile(path, edit(old));
    return () => writeFile(path, old);
}

/** A step of GitHub's workflow, with the settings that GitHub gives to its job. */
async function step(workflow: string, name: string, values: Values = {}) {
    const text = await read(`.github/workflows/${workflow}.yml`);
    const given = {
        ...settings["repository"],
        ...settings[githubEnvironment(text, workflow) ?? ""],
    };
    const prefixed = (prefix: string) =>
        Object.entries(given).map(([key, value]) => [`${prefix}.${key}`, value]);
    const script = githubStep(text, {
        job: workflow,
        step: name,
        values: {
            ...Object.fromEntries([...prefixed("vars"), ...prefixed("secrets")]),
            "github.event.pull_request.number": "7",
            "github.event.workflow_run.id": "4711",
            "github.event.workflow_run.head_sha": head,
            "github.repository": "shop/web",
            "github.token": "token-of-the-job",
            "inputs.number": "7",
            "inputs.commit": head,
            ...values,
        },
    });
    return { ...script, environment: { ...job, ...script.environment } };
}

const github = async (workflow: string, name: string, values: Values = {}) =>
    runner.run(await step(workflow, name, values));

async function worked(workflow: string, name: string, values: Values = {}) {
    const ended = await github(workflow, name, values);
    assert.equal(ended.code, 0, ended.output);
    return ended;
}

/** Deploys main and publishes its state. */
async function deploy(): Promise<void> {
    await worked("deploy", "Up");
    await worked("deploy", "Public state");
    await cp(join(example.folder, "public-state.json"), join(artifacts, "public-state.json"));
}

/** The preview of the pull request, and the comment that GitHub's second workflow posts for it. */
async function preview() {
    for (const file of ["report.md", "report.html", "report"]) {
        await rm(join(example.folder, file), { recursive: true, force: true });
    }
    await worked("preview", "State of main");
    await worked("preview", "Login");
    const { code, output } = await github("preview", "Preview");
    const outcome = code === 0 ? "success" : "failure";
    await worked("preview", "Report", { "steps.preview.outcome": outcome });
    await rm(join(artifacts, "report.zip"), { force: true });
    execFileSync("zip", ["-qr", join(artifacts, "report.zip"), "."], {
        cwd: join(example.folder, "report"),
    });
    const { calls } = await worked("comment", "Comment");
    assert.equal(
        calls.at(-1),
        "gh pr comment 7 --edit-last --create-if-none --body-file comment.md",
    );
    const comment = await readFile(join(artifacts, "comment.md"), "utf8");
    return { code, output, comment };
}

/** The preview that main's own job would show for the same checkout. */
async function previewOfMain() {
    const { environment } = await step("deploy", "Up");
    const command = ["pulumi", "preview", "--diff", "--stack", "main", "--non-interactive"];
    return runner.run({ command, environment: { ...environment, HARBOR_BUILD_REPORT: "" } });
}

/** A comment without what differs between runs and registries. */
const stable = (comment: string) =>
    comment
        .replaceAll(host.replace(":", "&#58;"), "harbor.example.com")
        .replaceAll(reviewName, "shop-review")
        .replaceAll(name, "shop")
        .replace(/\d+\.\d s\b/g, "0.0 s")
        .replace(/(sha256&#58;)[0-9a-f]+…?/g, "$1…");

/** Compares the pull request's preview with main's own; returns the changed resources. */
async function assertSameAsMain(golden: string): Promise<readonly string[]> {
    const ofPullRequest = await preview();
    const ofMain = await previewOfMain();
    assert.equal(ofPullRequest.code === 0, ofMain.code === 0, ofPullRequest.output + ofMain.output);
    const changed = changedResources(ofPullRequest.output);
    assert.deepEqual(changed, changedResources(ofMain.output), ofPullRequest.output);
    assertGolden(`comments/${golden}.md`, stable(ofPullRequest.comment));
    return changed.map((line) => line.split(" ").at(-1) ?? "");
}

/** Tags of the image in Harbor. */
const tags = async (project: string) =>
    Object.values((await readContents(lab.admin, project))?.["web"] ?? {})
        .flat()
        .sort();

test("GitHub's steps install the packages without their scripts, a builder, and only the pinned Pulumi", async () => {
    const install = await step("preview", "Install");
    const forged = await runner.run(install);
    assert.notEqual(forged.code, 0);
    assert.match(forged.output, /pulumi\.tgz: FAILED/);
    const PULUMI_SHA256 = createHash("sha256").update("not Pulumi\n").digest("hex");
    const environment = { ...install.environment, PULUMI_SHA256 };
    const { code, calls } = await runner.run({ ...install, environment });
    assert.equal(code, 0);
    const archive = `${job["RUNNER_TEMP"]}/pulumi.tgz`;
    assert.deepEqual(calls, [
        "npm ci --ignore-scripts",
        "docker buildx create --use",
        `curl -fsSLo ${archive} https://get.pulumi.com/releases/sdk/pulumi-v3.253.0-linux-x64.tar.gz`,
        `tar -xzf ${archive} -C ${job["RUNNER_TEMP"]}`,
    ]);
});

test("GitHub's push to main deploys the image and publishes a state without secrets", async () => {
    assert.deepEqual(await tags(name), []);
    await deploy();
    assert.deepEqual(await tags(name), ["latest"]);
    const state = await readFile(join(artifacts, "public-state.json"), "utf8");
    assert.deepEqual(secretsIn(state, secretsOfMain()), []);
});

test("GitHub's preview of a pull request shows main's difference: none", async () => {
    assert.deepEqual(await assertSameAsMain("nothing-changed"), []);
    assert.deepEqual(await tags(name), ["latest"], "a preview pushes nothing");
});

test("GitHub's preview of a pull request shows main's difference: a changed source file", async () => {
    await whileChanged(
        "app/index.html",
        (page) => `${page}<!-- changed -->\n`,
        async () => {
            assert.deepEqual(await assertSameAsMain("changed-source"), [
                "web-stage-build",
                "web-app",
                "web-cache",
            ]);
            assert.deepEqual(await tags(name), ["latest"], "a preview pushes nothing");
        },
    );
});

test("GitHub's preview of a pull request fails as main's does: a broken Dockerfile", async () => {
    await whileChanged(
        "app/Dockerfile",
        (text) => text.replace("RUN sed", "RUN sad"),
        () => assertSameAsMain("broken-dockerfile"),
    );
});

test("GitHub's preview of a pull request fails as main's does: an invalid argument", async () => {
    await whileChanged(
        "index.ts",
        (text) => text.replace(/tags: \[isMain.*/, 'tags: ["?"],'),
        () => assertSameAsMain("invalid-argument"),
    );
});

test("GitHub's preview of a pull request shows main's difference: a moved base image", async () => {
    await appendFile(join(harbor.folder, "base", "version.txt"), "2\n");
    succeeded(await harbor.up());
    assert.deepEqual(await assertSameAsMain("moved-base"), [
        "web-stage-build",
        "web-app",
        "web-cache",
    ]);
});

/** A program that reads everything that its job can read. */
const thief = `
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const loot: string[] = [JSON.stringify(process.env)];
function take(path: string): void {
    try {
        for (const entry of readdirSync(path, { withFileTypes: true })) {
            const file = join(path, entry.name);
            if (entry.isDirectory()) take(file);
            else if (entry.isFile() && entry.name !== "loot") loot.push(readFileSync(file, "utf8"));
        }
    } catch {}
}
const backend = (process.env["PULUMI_BACKEND_URL"] ?? "").replace("file://", "");
// The command's own folder has more than the backend.
const store = backend.includes("harbor-build-preview-") ? dirname(backend) : backend;
for (const root of [process.cwd(), process.env["HOME"], process.env["RUNNER_TEMP"], process.env["DOCKER_CONFIG"], store]) {
    if (root) take(root);
}
loot.push(execFileSync("pulumi", ["stack", "export", "--show-secrets", "--stack", "main"], { encoding: "utf8" }));
writeFileSync("loot", loot.join("\\n"));
`;

test("a program in the pull request's job finds no secret of main in environment, files, state and artifacts", async () => {
    await whileChanged(
        "index.ts",
        () => thief,
        async () => {
            const { output } = await preview();
            const loot = await read("loot");
            assert.deepEqual(secretsIn(loot, secretsOfMain()), [], output);
            assert.match(loot, /harbor-build-no-secret/, "the thief read the state");
            // The same program in main's job finds them: the search works.
            const { environment } = await step("deploy", "Up");
            const command = ["pulumi", "preview", "--stack", "main", "--non-interactive"];
            await runner.run({ command, environment });
            const { PULUMI_CONFIG_PASSPHRASE, HARBOR_PUSH_PASSWORD } = settings["main"] ?? {};
            const found = secretsIn(await read("loot"), secretsOfMain());
            assert.equal(found.includes(PULUMI_CONFIG_PASSPHRASE ?? ""), true);
            assert.equal(found.includes(HARBOR_PUSH_PASSWORD ?? ""), true);
            await rm(join(example.folder, "loot"));
        },
    );
});

/** The accounts that the pull request's job can use: those of its Docker configuration, and none. */
async function accountsOfJob(): Promise<readonly Account[]> {
    const config = await readFile(join(job["DOCKER_CONFIG"] ?? "", "config.json"), "utf8");
    const { auths } = JSON.parse(config) as { auths: Record<string, { auth: string }> };
    const logins = Object.values(auths).map(({ auth }) => {
        const [username = "", password = ""] = Buffer.from(auth, "base64").toString().split(":");
        return { username, password };
    });
    assert.equal(logins.length, 1);
    return [...logins, { username: "", password: "" }];
}

const pushAccount = (environment: string): Account => ({
    username: settings[environment]?.["HARBOR_PUSH_USERNAME"] ?? "",
    password: settings[environment]?.["HARBOR_PUSH_PASSWORD"] ?? "",
});

test("the registry has no secret of main for the pull request's job", async () => {
    const page = `<!-- ${name} -->`;
    const [account] = await accountsOfJob();
    assert.ok(account);
    for (const repository of ["web", "web/cache"]) {
        const text = await readRepository(lab.admin, account, `${name}/${repository}`);
        assert.equal(text.includes(page), true, "the search reads the layers");
        assert.deepEqual(secretsIn(text, secretsOfMain()), []);
    }
});

test("Harbor refuses every change of main's image and cache to every account of the pull request's job and of reviews", async () => {
    const before = await readContents(lab.admin, name);
    for (const account of [...(await accountsOfJob()), pushAccount("review")]) {
        for (const [repository, tag] of [
            ["web", "latest"],
            ["web/cache", "main"],
        ] as const) {
            const target = { project: name, repository, tag };
            const answers = await tryToChange(lab.admin, account, target, `${name}/base:1`);
            const allowed = Object.entries(answers).filter(
                ([, status]) => status !== 401 && status !== 403,
            );
            assert.deepEqual(allowed, [], `"${account.username}" in ${repository}`);
        }
    }
    assert.deepEqual(await readContents(lab.admin, name), before);
    assert.equal(await tryToUpload(lab.admin, pushAccount("main"), `${name}/web`), 202);
});

test("the comment has no output of a failed RUN", async () => {
    await whileChanged(
        "app/Dockerfile",
        (text) => text.replace("RUN sed", "RUN expr 4700 + 11; sad"),
        async () => {
            const { code, output, comment } = await preview();
            assert.notEqual(code, 0);
            assert.match(output, /did not complete successfully/);
            assert.doesNotMatch(comment, /4711/);
        },
    );
});

test("GitHub's comment takes little of a hostile report", async () => {
    const post = async (files: Values) => {
        await rm(join(artifacts, "report.zip"), { force: true });
        execFileSync("zip", ["-qr", join(artifacts, "report.zip"), "."], {
            cwd: writeFolder(files),
        });
        return github("comment", "Comment");
    };
    const hostile = `$(touch /tmp/x) \`id\` @everyone \u001b[31m\u0000${"x".repeat(70_000)}`;
    const { code, calls } = await post({ number: "7\n", "report.md": hostile });
    assert.equal(code, 0);
    assert.equal(calls.filter((call) => call.startsWith("gh pr comment")).length, 1);
    const comment = await readFile(join(artifacts, "comment.md"), "utf8");
    assert.equal(comment.startsWith("$(touch /tmp/x) `id` @\u200beveryone [31mxxx"), true);
    assert.equal(comment.length <= 60_001, true);
    for (const number of ["8; gh pr merge 8", "0", "", "7 --repo other/one"]) {
        const refused = await post({ number, "report.md": "x" });
        assert.notEqual(refused.code, 0);
        assert.equal(
            refused.calls.some((call) => call.startsWith("gh pr comment")),
            false,
        );
    }
});

test("GitHub's review deploys the reviewed commit, and the clean-up destroys it", async () => {
    await worked("review", "Check");
    for (const commit of ["main", head.replace("0", "1")]) {
        const refused = await github("review", "Check", { "inputs.commit": commit });
        assert.equal(refused.code, 1, refused.output);
    }
    await worked("review", "Up");
    assert.deepEqual(await tags(name), ["latest"]);
    assert.deepEqual(await tags(reviewName), ["review-7"]);
    const { output } = await worked("clean-up", "Destroy");
    assert.match(output, /history and configuration removed/);
});

test("GitLab's jobs do the same", async () => {
    const asked: unknown[] = [];
    const server = createServer(async (request, response) => {
        asked.push([request.url, request.headers["job-token"]]);
        response.end(await readFile(join(artifacts, "public-state.json")));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => server.close());
    // A server that listens on TCP has such an address.
    const { port } = server.address() as AddressInfo;
    const sum = createHash("sha256").update("not Pulumi\n").digest("hex");
    const file = (await read(".gitlab-ci.yml"))
        .replace("tcp://buildkit:1234", lab.buildkitAddress)
        .replace(/(PULUMI_SHA256: )[0-9a-f]{64}/, `$1${sum}`)
        // The lab's BuildKit listens on a socket, without certificates.
        .replace('"DriverOpts"', '"Unused"');
    const run = async (job: string, environment: string) => {
        const variables = {
            ...settings["repository"],
            ...settings[environment],
            BUILDKIT_ADDRESS: lab.buildkitAddress,
            BUILDKIT_CA: "/ca.pem",
            BUILDKIT_CERT: "/cert.pem",
            BUILDKIT_KEY: "/key.pem",
            DOCKER_CONFIG: "",
            CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
            CI_JOB_TOKEN: "token-of-the-job",
            CI_MERGE_REQUEST_PROJECT_ID: "3",
            CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
            REVIEW_NUMBER: "8",
            REVIEW_COMMIT: head,
        };
        const { code, output, calls } = await runner.run(gitlabScript(file, { job, variables }));
        assert.equal(code, 0, output);
        return calls;
    };
    assert.equal((await run("deploy", "main"))[0], "npm ci --ignore-scripts");
    await cp(join(example.folder, "public-state.json"), join(artifacts, "public-state.json"));
    await whileChanged(
        "index.ts",
        (program) => `${program}${thief}`,
        async () => {
            await run("preview", "none");
            assert.deepEqual(secretsIn(await read("loot"), secretsOfMain()), []);
            assert.deepEqual(asked, [
                [
                    "/api/v4/projects/3/jobs/artifacts/main/raw/public-state.json?job=deploy",
                    "token-of-the-job",
                ],
            ]);
        },
    );
    const calls = await run("review", "review");
    assert.deepEqual(calls.slice(0, 3), [
        `git fetch --depth 1 origin ${head}`,
        `git checkout --detach ${head}`,
        "npm ci --ignore-scripts",
    ]);
    assert.deepEqual(await tags(reviewName), ["review-7", "review-8"]);
    await run("stop-review", "review");
});
