import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DockerLogins } from "../../../src/registry/dockerLogins";
import { writeFolder } from "../../support/tinyProject";

const hosts = ["harbor.example.com", "docker.io", "127.0.0.1:5000"];

/**
 * The logins that a configuration leads to, and the faults. `helpers` are shell scripts by name; `log`
 * is a file of theirs.
 */
async function look(config: unknown, helpers: Record<string, string> = {}, more: object = {}) {
    const text = typeof config === "string" ? config : JSON.stringify(config);
    const folder = writeFolder(config === undefined ? {} : { "config.json": text });
    for (const [name, script] of Object.entries(helpers)) {
        const program = `docker-credential-${name}`;
        const made = writeFolder({ [program]: `#!/bin/sh\n${script}\n` });
        chmodSync(join(made, program), 0o755);
        more = { ...more, PATH: `${made}:/usr/bin:/bin` };
    }
    const faults: string[] = [];
    const docker = new DockerLogins({
        env: { PATH: "/usr/bin:/bin", DOCKER_CONFIG: folder, ...more },
        onFault: ({ text, fix }) => faults.push(`${text} Fix: ${fix}`.replace(folder, "DOCKER")),
        timeoutMs: 500,
    });
    const entries = await Promise.all(hosts.map(async (one) => [one, await docker.find(one)]));
    const found = entries.filter(([, login]) => login !== undefined);
    return { logins: Object.fromEntries(found), faults, folder, docker };
}

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString("base64") });
/** A helper with a login for harbor.example.com and for Docker Hub, which logs what it gets. */
const good = `
input=$(cat)
echo "$1 $input" >> "$DOCKER_CONFIG/asked"
case "$1 $input" in
  list*) echo '{"https://harbor.example.com": "me", "https://index.docker.io/v1/": "me"}';;
  "get https://harbor.example.com") echo '{"ServerURL": "x", "Username": "me", "Secret": "se:cret"}';;
  "get https://index.docker.io/v1/") echo '{"Username": "<token>", "Secret": "identity"}';;
  "get 127.0.0.1:5000") echo '{"Username": "local", "Secret": "5000"}';;
  *) echo "credentials not found in native keychain"; exit 1;;
esac`;
const storeFix =
    "docker-build cannot build anything. Fix: repair or install the helper, or remove credsStore and run `docker login` again.";

test("finds logins by host in every form of the address", async () => {
    const auths = {
        "harbor.example.com": auth("robot$shop+ci:se:cret"),
        "https://index.docker.io/v1/": auth("acme:hub"),
        "http://127.0.0.1:5000": { username: "me", password: "plain" },
    };
    const { logins, faults } = await look({ auths });
    assert.deepEqual(logins, {
        "harbor.example.com": { username: "robot$shop+ci", password: "se:cret" },
        "docker.io": { username: "acme", password: "hub" },
        "127.0.0.1:5000": { username: "me", password: "plain" },
    });
    assert.deepEqual(faults, []);
});

test("asks credsStore for the addresses that it lists, and ignores the file's logins", async () => {
    const auths = { "127.0.0.1:5000": auth("file:1") };
    const { logins, faults, folder } = await look({ auths, credsStore: "x" }, { x: good });
    // docker-build does not use identity tokens.
    assert.deepEqual(logins, { "harbor.example.com": { username: "me", password: "se:cret" } });
    assert.deepEqual(faults, []);
    assert.ok(existsSync(join(folder, "asked")));
});

test("asks credHelpers first, for their own registries only", async () => {
    const auths = { "harbor.example.com": auth("file:1") };
    const credHelpers = { "127.0.0.1:5000": "x", "docker.io": "x" };
    const { logins, faults } = await look({ auths, credHelpers }, { x: good });
    assert.deepEqual(logins, {
        "harbor.example.com": { username: "file", password: "1" },
        "127.0.0.1:5000": { username: "local", password: "5000" },
    });
    assert.deepEqual(faults, []);
});

test("asks the platform's helper when the configuration has no login", async () => {
    const helpers = { secretservice: good };
    const { logins } = await look(undefined, helpers);
    const expected = { "harbor.example.com": { username: "me", password: "se:cret" } };
    assert.deepEqual(logins, process.platform === "linux" ? expected : {});
    const { logins: own } = await look({ auths: { "docker.io": auth("a:b") } }, helpers);
    assert.deepEqual(own, { "docker.io": { username: "a", password: "b" } });
});

test("reports a helper that is missing, hangs, fails or answers no JSON", async () => {
    const faultsOf = async (script?: string) => {
        const helpers: Record<string, string> = script === undefined ? {} : { x: script };
        const { logins, faults } = await look({ credsStore: "x" }, helpers);
        assert.deepEqual(logins, {});
        return faults;
    };
    const report = (text: string) => [`DOCKER/config.json: credsStore: ${text}; ${storeFix}`];
    const program = "docker-credential-x";
    assert.deepEqual(await faultsOf(), report(`${program} is not in the PATH`));
    const hangs = report(`${program} list did not end in 500 ms`);
    assert.deepEqual(await faultsOf("sleep 30; true"), hangs);
    assert.deepEqual(await faultsOf(""), report(`${program} list answered no JSON`));
    assert.deepEqual(await faultsOf("echo secret"), report(`${program} list answered no JSON`));
    assert.deepEqual(
        await faultsOf("echo null"),
        report(`${program} list answered no JSON object`),
    );
    assert.deepEqual(
        await faultsOf("echo '::error::locked' >&2; exit 2"),
        report(`${program} list failed: : :error::locked`),
    );
});

test("quotes no standard output of a helper that fails to give a login", async () => {
    const login = `echo '{"Username":"me","Secret":"password-4711"}'`;
    const reasonOf = async (end: string) => {
        const { faults } = await look(
            { credHelpers: { "docker.io": "x" } },
            { x: `${login}; ${end}` },
        );
        return faults.map((one) => /docker-credential-x get failed: ([^;]*)/.exec(one)?.[1]);
    };
    assert.deepEqual(await reasonOf("exit 3"), ["exit code 3"]);
    assert.deepEqual(await reasonOf("echo locked >&2; exit 1"), ["locked"]);
});

test("runs no program that a helper's name places elsewhere", async () => {
    const credHelpers = { "docker.io": "../x" };
    const { faults } = await look({ credHelpers });
    assert.deepEqual(faults, [
        `DOCKER/config.json: credHelpers["docker.io"]: the helper's name contains a path separator (docker-credential-../x); docker-build then has no login for docker.io. Fix: repair or install the helper, or remove credHelpers["docker.io"] and run \`docker login\` again.`,
    ]);
});

test("checks every helper, needed or not", async () => {
    const credHelpers = { "gcr.io": "gone", "eu.gcr.io": "gone" };
    const { docker, faults } = await look({ credHelpers, credsStore: "x" }, { x: good });
    assert.deepEqual(faults, []);
    await docker.check();
    assert.deepEqual(
        faults.map((one) => /credHelpers\["([^"]+)"\]: (.+?);/.exec(one)?.slice(1)),
        ["gcr.io", "eu.gcr.io"].map((one) => [one, "docker-credential-gone is not in the PATH"]),
    );
});

test("reports a configuration that is not JSON, without its text", async () => {
    assert.deepEqual((await look(undefined)).faults, []);
    const { logins, faults } = await look('{"auths": {"h": {"auth": "c2VjcmV0"');
    assert.deepEqual(logins, {});
    assert.deepEqual(faults, [
        "DOCKER/config.json: is not JSON; docker-build ignores the file and its logins. Fix: correct it, or delete it and run `docker login`.",
    ]);
});

test("finds no login in an entry without a user", async () => {
    const auths = { "docker.io": auth("no-colon"), "harbor.example.com": {} };
    assert.deepEqual((await look({ auths })).logins, {});
});
