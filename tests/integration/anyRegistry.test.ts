import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { atEnd } from "../support/atEnd";
import { recordBuilds } from "../support/buildRecord";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy";
import { type Lab, openLab } from "../support/lab";
import { ask, basic, type RegistryAccess } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { startRegistryServer } from "../support/registryServer";
import { failed, succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";
import { startTokenServer } from "../support/tokenServer";
import { printedIn, toolApp } from "../support/toolApp";

const account = { username: "ci", password: "Registry-pass1" };
/** bcrypt of the password. */
const htpasswd = "ci:$2y$05$abcdefghijklmnopqrstuu2FuKaPfgc4h2LG8Iu4.5y9wwsbY0Q/e\n";

let lab: Lab;
/** In front of Harbor's API. */
let harbor: FaultyProxy;

before(async () => {
    lab = openLab();
    harbor = await startFaultyProxy(lab.admin.url, { rejectUnauthorized: false });
});

/** A registry with logins, a proxy in front of it, and its data. */
interface Place {
    readonly access: RegistryAccess;
    readonly proxy: RegistryProxy;
}

async function startRegistry(auth: "basic" | "token"): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), "hb-registry-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, auth);
    const { registry } = lab.sandboxOptions.tools;
    const data = join(folder, "data");
    mkdirSync(data);
    const settings =
        auth === "basic"
            ? { keys: htpasswd, auth: { htpasswd: { realm: "test", path: file } } }
            : await startTokenServer(account, file);
    writeFileSync(file, settings.keys);
    const server = await startRegistryServer(registry, data, settings.auth);
    atEnd(() => server.stop());
    const proxy = await startRegistryProxy(server.url);
    return { access: { url: server.url, ...account }, proxy };
}

const program = (host: string, args = "", project = "team/shop__a") => `
import { CachedImage } from "harbor-build";

const app = new CachedImage("app", {
    registry: "${host}",
    project: { name: "${project}", existing: true },
    credentials: { username: "ci", password: process.env["TEST_PASSWORD"] ?? "" },
    context: "app",
    ${args}
});
export const image = app.ref;
`;

/** A stack whose environment has no address and no login of a Harbor, unless `more` sets them. */
function stackOf(text: string, stack: string, more: NodeJS.ProcessEnv = {}): Promise<TestStack> {
    return TestStack.create(lab, text, {
        files: writeFolder(toolApp),
        stack,
        environment: {
            HARBOR_URL: undefined,
            HARBOR_USERNAME: undefined,
            HARBOR_PASSWORD: undefined,
            TEST_PASSWORD: account.password,
            ...more,
        },
    });
}

const write = (stack: TestStack, name: string, text: string) =>
    writeFile(join(stack.folder, "app", name), text);

async function up(stack: TestStack) {
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    return { ...result, printed: printedIn(builds) };
}

async function tags({ access }: Place, repository: string): Promise<readonly string[]> {
    const url = `${access.url}/v2/${repository}/tags/list`;
    const { headers } = await ask(access, url);
    const [, realm, service] =
        /^Bearer realm="([^"]+)",service="([^"]+)"/.exec(String(headers["www-authenticate"])) ?? [];
    let authorization = basic(access);
    if (realm !== undefined) {
        const scope = `service=${service}&scope=repository:${repository}:pull`;
        const token = await ask(access, `${realm}?${scope}`, { headers: { authorization } });
        authorization = `Bearer ${JSON.parse(token.body.toString("utf8")).token}`;
    }
    const answer = await ask(access, url, { headers: { authorization } });
    const { tags: found } = JSON.parse(answer.body.toString("utf8")) as { tags?: string[] };
    return [...(found ?? [])].sort();
}

for (const auth of ["basic", "token"] as const) {
    describe(`a registry that is no Harbor, with ${auth} logins`, () => {
        let place: Place;
        let main: TestStack;
        const carried = 'cache: { carryMounts: true, fallbackScopes: ["main"] },';

        before(async () => {
            place = await startRegistry(auth);
            main = await stackOf(program(place.proxy.host, carried), "main");
        });

        test("shows the images in a preview, without a project or an account", async () => {
            const { operations } = succeeded(await main.preview());
            assert.deepEqual(Object.keys(operations).sort(), [
                "app",
                "app-app",
                "app-mounts",
                "app-stage-build",
            ]);
        });

        test("pushes images, cache and cache mounts", async () => {
            await newRunner(lab);
            const run = await up(main);
            assert.deepEqual(run.printed, ["compiles all"]);
            assert.doesNotMatch(run.output, /warning: cache/);
            assert.deepEqual(await tags(place, "team/shop__a/app"), ["latest"]);
            assert.deepEqual(await tags(place, "team/shop__a/app/cache"), [
                "main",
                "main__0-mounts",
                "main__0-save",
                "main__build",
            ]);
        });

        test("restores the cache mounts on a new builder", async () => {
            await newRunner(lab);
            await write(main, "main.txt", "main, changed\n");
            assert.deepEqual((await up(main)).printed, ["compiles fast"]);
        });

        test("lets another stack start from the cache of main, and asks nothing of a configured Harbor", async () => {
            const text = program(place.proxy.host, `${carried} tags: ["branch"],`);
            // Other resources of a program may use Harbor.
            const { username, password } = lab.admin;
            const branch = await stackOf(text, "branch", {
                HARBOR_URL: harbor.url,
                HARBOR_USERNAME: username,
                HARBOR_PASSWORD: password,
            });
            await write(branch, "main.txt", "main, changed\n");
            await newRunner(lab);
            const run = await up(branch);
            assert.deepEqual(run.printed, []);
            assert.match(run.output, /the records of main.* are added to branch/);
            assert.deepEqual(harbor.passed, []);
        });

        test("writes nothing to the cache in a pull request", async () => {
            const before = await tags(place, "team/shop__a/app/cache");
            const args =
                'tags: ["pr-7"], cache: { carryMounts: true, write: false, fallbackScopes: ["main"] },';
            const request = await stackOf(program(place.proxy.host, args), "pr-7");
            await write(request, "main.txt", "main, changed\n");
            await newRunner(lab);
            assert.deepEqual((await up(request)).printed, []);
            assert.deepEqual(await tags(place, "team/shop__a/app/cache"), before);
        });

        test("keeps images and caches when the stack is destroyed", async () => {
            succeeded(await main.destroy());
            assert.deepEqual((await tags(place, "team/shop__a/app")).includes("latest"), true);
            assert.equal((await tags(place, "team/shop__a/app/cache")).includes("main"), true);
        });
    });
}

describe("a registry with fewer features", () => {
    let place: Place;

    before(async () => {
        place = await startRegistry("basic");
    });

    test("names cache.repository when the registry refuses names of three parts", async () => {
        const { proxy } = place;
        const stack = await stackOf(program(proxy.host, "", "org"), "names");
        proxy.breakNext({
            method: "POST",
            path: "/v2/org/app/cache/",
            status: 400,
            body: '{"errors":[{"code":"NAME_INVALID","message":"invalid repository name"}]}',
            times: 1000,
        });
        const { output } = failed(await stack.up());
        assert.match(output, /not accept the repository's name; not retried\. .*cache\.repository/);
        await stack.program(program(proxy.host, 'cache: { repository: "org/app" },', "org"));
        succeeded(await stack.up());
        assert.deepEqual(await tags(place, "org/app"), [
            "cache.names",
            "cache.names__build",
            "latest",
        ]);
    });

    test("names cache.backend when the registry refuses cache manifests", async () => {
        const { proxy } = place;
        const stack = await stackOf(program(proxy.host, "", "plain"), "manifests");
        proxy.breakNext({
            method: "PUT",
            path: "/v2/plain/app/cache/manifests/manifests",
            when: ({ url = "" }) => url.endsWith("/manifests/manifests"),
            status: 400,
            body: '{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid"}]}',
            times: 1000,
        });
        assert.match(
            succeeded(await stack.up()).output,
            /was not written: the registry refuses cache manifests\. .*cache\.backend/,
        );
        const images = 'cache: { backend: "images" },';
        await stack.program(program(proxy.host, images, "plain"));
        succeeded(await stack.up());
        await newRunner(lab);
        await write(stack, "conf.txt", "conf, changed\n");
        assert.deepEqual((await up(stack)).printed, []);
    });

    test("says that no registry is at an address that answers 404 to /v2/", async () => {
        const { proxy } = place;
        const stack = await stackOf(program(proxy.host, "", "gone"), "gone");
        proxy.breakNext({ method: "GET", path: "/v2/", status: 404, times: 1000 });
        const preview = succeeded(await stack.preview());
        assert.match(preview.output, /answers 404 to \/v2\/: no registry is at this address/);
    });

    test("asks for the login in one clause when the password is wrong", async () => {
        const stack = await stackOf(program(place.proxy.host, "", "login"), "login");
        // In place of the fault of the test before.
        place.proxy.breakNext({ method: "GET", path: "/never", status: 404, times: 1 });
        stack.setEnvironment({ TEST_PASSWORD: "wrong" });
        const { output } = failed(await stack.up());
        assert.match(output, /answered 401 to HEAD .*; not retried\. Check user and secret\./);
        assert.doesNotMatch(output, /building again/);
    });
});
