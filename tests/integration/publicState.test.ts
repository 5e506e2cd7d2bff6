import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { before, test } from "node:test";
import { changedResources } from "../support/diffOutput";
import { openLab, root, uniqueName } from "../support/lab";
import { startRegistryProxy } from "../support/registryProxy";
import { succeeded } from "../support/run";
import { secretsIn } from "../support/secretSearch";
import { TestStack } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const lab = openLab();
const name = uniqueName("public-state");
/** Characters that base64, URLs and JSON spell differently. */
const token = 'a token/with+every "kind" of ~ character?';
const buildSecret = "secret-of-the-build-4711";

const program = `
import * as pulumi from "@pulumi/pulumi";
import { CachedImage, ImageProject } from "harbor-build";

const config = new pulumi.Config();
const images = new ImageProject("images", { name: "${name}", retainImages: false });
const first = new CachedImage("first", {
    project: images.project,
    context: "tiny",
    secrets: { token: config.requireSecret("build") },
    buildLabels: { commit: "1" },
});
new CachedImage("second", {
    project: { name: "${name}", existing: true },
    context: "other",
    credentials: images.pushCredentials,
});
export const { readCredentials, pushCredentials, pullSecret } = images;
export const token = config.requireSecret("token");
export const nested = config.requireSecretObject<{ logins: string[] }>("nested");
export const image = first.ref;
`;

const files = {
    ...tinyFiles,
    "tiny/Dockerfile": `${tinyFiles["tiny/Dockerfile"]}RUN --mount=type=secret,id=token test -s /run/secrets/token\n`,
    "other/Dockerfile": "FROM alpine:3.22\nCOPY page.txt /\n",
    "other/page.txt": `${name}\n`,
};

let main: TestStack;
let proxy: Awaited<ReturnType<typeof startRegistryProxy>>;
const publicFile = join(writeFolder({}), "public.json");

before(async () => {
    proxy = await startRegistryProxy(lab.admin.url);
    main = await TestStack.create(lab, program, {
        stack: "main",
        files: writeFolder(files),
        // The login is in the stack's configuration.
        environment: { HARBOR_URL: "", HARBOR_USERNAME: "", HARBOR_PASSWORD: "" },
    });
    const settings = [
        ["harbor:url", proxy.url],
        ["harbor:username", lab.admin.username],
        ["--secret", "harbor:password", lab.admin.password],
        ["--secret", "token", token],
        ["--secret", "build", buildSecret],
        ["--secret", "--path", "nested.logins[0]", "login-of-somebody"],
    ];
    for (const setting of settings) {
        const set = await main.pulumi(["config", "set", ...setting]);
        assert.equal(set.code, 0, set.output);
    }
    succeeded(await main.up());
});

/** Runs a command of the package in main's folder, or in a checkout of a pull request. */
function harborBuild(
    args: readonly string[],
    {
        folder = main.folder,
        environment = {},
    }: { folder?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly code: number; readonly output: string }> {
    const PATH = [dirname(lab.pulumi), lab.environment["PATH"]].join(delimiter);
    const env = { ...lab.environment, PATH, ...environment };
    return new Promise((resolve) => {
        execFile(
            join(root, "dist", "cli", "harbor-build"),
            args,
            { cwd: folder, env },
            (error, out, errors) =>
                resolve({ code: Number(error?.code ?? 0), output: out + errors }),
        );
    });
}

const ofMain = () => ({
    PULUMI_BACKEND_URL: `file://${join(main.folder, ".state")}`,
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    PULUMI_STACK: "main",
});

/** A runner of pull requests: its environment has nothing of main's. */
const ofPullRequest = {
    PULUMI_BACKEND_URL: "",
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_STACK: "",
    HARBOR_URL: "",
    HARBOR_USERNAME: "",
    HARBOR_PASSWORD: "",
};

/** Every secret that main's state or configuration has. */
async function secretsOfMain(): Promise<readonly string[]> {
    const outputs = (await main.outputs()) as Record<string, Record<string, string>>;
    return [
        token,
        buildSecret,
        "login-of-somebody",
        lab.admin.password,
        "only for this test",
        outputs["readCredentials"]?.["password"] ?? "",
        outputs["pushCredentials"]?.["password"] ?? "",
        String(outputs["pullSecret"]),
    ];
}

/** Requests that name an account; the registry gives everybody tokens of nobody. */
const ofAccounts = (requests: ReturnType<typeof proxy.takeRequests>) =>
    requests.filter(({ credentials }) => credentials !== "" && !isAnonymous(credentials));

function isAnonymous(credentials: string): boolean {
    const [, payload = ""] = /^Bearer [^.]+\.([^.]+)/.exec(credentials) ?? [];
    return payload !== "" && !JSON.parse(Buffer.from(payload, "base64url").toString()).sub;
}

const preview = async (...args: string[]) => {
    const run = await harborBuild(["public-preview", publicFile, "--diff", ...args], {
        environment: ofPullRequest,
    });
    assert.equal(run.code, 0, run.output);
    return run.output;
};

test("writes the state of a stack without any of its secrets", async () => {
    const run = await harborBuild(["public-state", publicFile], { environment: ofMain() });
    assert.equal(run.code, 0, run.output);
    assert.match(run.output, /: \d+ resources, \d+ secrets replaced, no copy of a secret found/);
    const secrets = await secretsOfMain();
    assert.equal(
        secrets.every(({ length }) => length >= 12),
        true,
    );
    assert.deepEqual(secretsIn(await readFile(publicFile, "utf8"), secrets), []);
    assert.deepEqual(secretsIn(run.output, secrets), []);
    // The search finds what it looks for.
    const plain = await main.pulumi(["stack", "export", "--show-secrets"]);
    assert.equal(secretsIn(plain.stdout, secrets).length >= 4, true);
});

test("a preview against the state shows no difference, changes no file and sends no credentials", async () => {
    proxy.takeRequests();
    const before = await readFile(join(main.folder, "Pulumi.main.yaml"), "utf8");
    const output = await preview("--expect-no-changes");
    assert.match(output, / unchanged/);
    assert.deepEqual(ofAccounts(proxy.takeRequests()), []);
    assert.equal(await readFile(join(main.folder, "Pulumi.main.yaml"), "utf8"), before);
    const left = (await readdir(tmpdir())).filter((one) => one.startsWith("harbor-build-preview-"));
    assert.deepEqual(left, []);
});

test("a preview against the state shows the same difference as one with main's secrets", async () => {
    await appendFile(join(main.folder, "tiny", "conf.txt"), "changed\n");
    proxy.takeRequests();
    const output = await preview();
    const requests = proxy.takeRequests();
    const own = await main.pulumi(["preview", "--diff"]);
    assert.equal(own.code, 0, own.output);
    assert.deepEqual(changedResources(output), changedResources(own.output));
    assert.deepEqual(
        changedResources(output).map((one) => one.split(" ").at(-1)),
        ["first-stamp", "first-app"],
    );
    assert.deepEqual(ofAccounts(requests), []);
});

test("a preview that builds uses the logins of docker login, and pushes nothing", async () => {
    const { readCredentials } = (await main.outputs()) as Record<string, Record<string, string>>;
    const pair = `${readCredentials?.["username"]}:${readCredentials?.["password"]}`;
    const auth = Buffer.from(pair).toString("base64");
    const config = join(lab.environment["DOCKER_CONFIG"] ?? "", "config.json");
    const given = await readFile(config, "utf8").catch(() => "{}");
    await writeFile(
        config,
        JSON.stringify({ ...JSON.parse(given), auths: { [proxy.host]: { auth } } }),
    );
    try {
        await main.program(program.replaceAll('context: "', 'preview: "build", context: "'));
        await appendFile(join(main.folder, "other", "page.txt"), "changed\n");
        proxy.takeRequests();
        const output = await preview();
        assert.match(output, /second-app/);
        const requests = proxy.takeRequests();
        const accounts = requests
            .map(({ credentials }) => credentials)
            .filter((one) => one.startsWith("Basic "))
            .map((one) => Buffer.from(one.slice(6), "base64").toString());
        assert.deepEqual([...new Set(accounts)], [pair]);
        assert.deepEqual(
            requests.filter(({ request }) => /^(PUT|PATCH|DELETE) /.test(request)),
            [],
        );
    } finally {
        await writeFile(config, given);
        await main.program(program);
    }
});

test("writes nothing when a value that is not marked as secret contains one", async () => {
    await main.program(
        `${program}export const leak = pulumi.unsecret(pulumi.interpolate\`url?t=\${config.requireSecret("build")}\`);`,
    );
    succeeded(await main.up());
    const file = join(writeFolder({}), "public.json");
    const run = await harborBuild(["public-state", file], { environment: ofMain() });
    assert.equal(run.code, 1, run.output);
    assert.match(
        run.output,
        /secrets in plain text, so nothing was written:\n {2}.*test-main\.outputs\.leak\n/,
    );
    assert.doesNotMatch(run.output, new RegExp(buildSecret));
    await assert.rejects(readFile(file), { code: "ENOENT" });
});
