import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe } from "node:test";
import { atEnd } from "./atEnd";
import { recordBuilds } from "./buildRecord";
import { type FaultyProxy, startFaultyProxy } from "./faultyProxy";
import { openLab } from "./lab";
import type { Declare } from "./needs";
import { ask, basic, type RegistryAccess } from "./registry";
import { type RegistryProxy, startRegistryProxy } from "./registryProxy";
import { startRegistryServer } from "./registryServer";
import { succeeded } from "./run";
import { TestStack } from "./stack";
import { writeFolder } from "./tinyProject";
import { startTokenServer } from "./tokenServer";
import { printedIn, toolApp } from "./toolApp";

const account = { username: "ci", password: "Registry-pass1" };
/** bcrypt of the password. */
const htpasswd = "ci:$2y$05$abcdefghijklmnopqrstuu2FuKaPfgc4h2LG8Iu4.5y9wwsbY0Q/e\n";

/** A registry with logins that is no Harbor, a proxy in front of it, and its data. */
export interface Place {
    readonly access: RegistryAccess;
    readonly proxy: RegistryProxy;
}

/** Starts a registry until the end of the file. */
export async function startRegistry(auth: "basic" | "token"): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), "hb-registry-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, auth);
    const { registry } = openLab().sandboxOptions.tools;
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

/** A program that builds {@link toolApp} and pushes to a host with the account of the registry. */
export const registryProgram = (host: string, args = "", project = "team/shop__a") => `
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

/** A stack whose environment names no Harbor server and no login for one, unless `more` sets them. */
export function stackWithoutHarbor(
    text: string,
    stack: string,
    more: NodeJS.ProcessEnv = {},
): Promise<TestStack> {
    return TestStack.create(openLab(), text, {
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

/** Writes a file of the app. */
export const writeApp = (stack: TestStack, name: string, text: string) =>
    writeFile(join(stack.folder, "app", name), text);

/** A BuildKit, as builds are read from it. */
type Builder = Parameters<typeof recordBuilds>[0];

/** Runs `up`, and returns what the compilers of its builds printed. */
export async function upOn(builder: Builder, stack: TestStack) {
    const { result, builds } = await recordBuilds(builder, () => stack.up());
    succeeded(result);
    return { ...result, printed: printedIn(builds) };
}

/** The tags of a repository, in order. */
export async function tagsIn({ access }: Place, repository: string): Promise<readonly string[]> {
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

/** Where the tests of {@link describeRegistry} build. */
interface BuildPlace {
    readonly declare: Declare;
    readonly builder: () => Builder;
    /** Makes the builder a new one. */
    readonly renew: () => Promise<unknown>;
    /** Variables of the runs. @default those of the lab */
    readonly environment?: () => NodeJS.ProcessEnv;
    /** Further arguments of the component. @default none */
    readonly args?: string;
}

/** Declares the tests of a registry that is no Harbor. */
export function describeRegistry(
    auth: "basic" | "token",
    { declare, builder, renew, environment = () => ({}), args = "" }: BuildPlace,
): void {
    describe(`a registry that is no Harbor, with ${auth} logins`, () => {
        let place: Place;
        /** In front of Harbor's API. */
        let harbor: FaultyProxy;
        let main: TestStack;
        const programOf = (more: string) => registryProgram(place.proxy.host, `${args} ${more}`);
        const carried = 'cache: { carryMounts: true, fallbackScopes: ["main"] },';
        const images = "team/shop__a/app";

        before(async () => {
            harbor = await startFaultyProxy(openLab().admin.url, { rejectUnauthorized: false });
            place = await startRegistry(auth);
            main = await stackWithoutHarbor(programOf(carried), "main", environment());
        });

        declare("shows the images in a preview, without a project or an account", async () => {
            const { operations } = succeeded(await main.preview());
            assert.deepEqual(Object.keys(operations).sort(), [
                "app",
                "app-app",
                "app-mounts",
                "app-stage-build",
            ]);
        });

        declare("pushes images, cache and cache mounts", async () => {
            await renew();
            const run = await upOn(builder(), main);
            assert.deepEqual(run.printed, ["compiles all"]);
            assert.doesNotMatch(run.output, /warning: cache/);
            assert.deepEqual(await tagsIn(place, images), ["latest"]);
            assert.deepEqual(await tagsIn(place, `${images}/cache`), [
                "main",
                "main__0-mounts",
                "main__0-save",
                "main__build",
            ]);
        });

        declare("restores the cache mounts on a new builder", async () => {
            await renew();
            await writeApp(main, "main.txt", "main, changed\n");
            assert.deepEqual((await upOn(builder(), main)).printed, ["compiles fast"]);
        });

        declare(
            "lets another stack start from the cache of main, and asks nothing of a configured Harbor",
            async () => {
                // Other resources of a program may use Harbor.
                const { username, password } = openLab().admin;
                const text = programOf(`${carried} tags: ["branch"],`);
                const branch = await stackWithoutHarbor(text, "branch", {
                    ...environment(),
                    HARBOR_URL: harbor.url,
                    HARBOR_USERNAME: username,
                    HARBOR_PASSWORD: password,
                });
                await writeApp(branch, "main.txt", "main, changed\n");
                await renew();
                const run = await upOn(builder(), branch);
                assert.deepEqual(run.printed, []);
                assert.match(run.output, /the records of main.* are added to branch/);
                assert.deepEqual(harbor.passed, []);
            },
        );

        declare("writes nothing to the cache in a pull request", async () => {
            const before = await tagsIn(place, `${images}/cache`);
            const text = programOf(
                'tags: ["pr-7"], cache: { carryMounts: true, write: false, fallbackScopes: ["main"] },',
            );
            const request = await stackWithoutHarbor(text, "pr-7", environment());
            await writeApp(request, "main.txt", "main, changed\n");
            await renew();
            assert.deepEqual((await upOn(builder(), request)).printed, []);
            assert.deepEqual(await tagsIn(place, `${images}/cache`), before);
        });

        declare("keeps images and caches when the stack is destroyed", async () => {
            succeeded(await main.destroy());
            assert.equal((await tagsIn(place, images)).includes("latest"), true);
            assert.equal((await tagsIn(place, `${images}/cache`)).includes("main"), true);
        });
    });
}
