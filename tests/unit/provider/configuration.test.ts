import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readConfiguration } from "../../../src/provider/configuration";
import schema from "../../../src/provider/schema.json";
import { placeholder } from "../../../src/text/placeholder";
import { ensureCertificates } from "../../../tools/sandbox/certificates";
import { PluginClient, unknown } from "../../support/pluginClient";
import { type SandboxHarbor, startSandboxHarbor } from "../../support/sandboxHarbor";

const projectType = "harbor:index/project:Project";

describe("configuration of the provider", () => {
    let harbor: SandboxHarbor;
    before(async () => {
        harbor = await startSandboxHarbor();
    });
    after(() => harbor.close());

    async function started(env: NodeJS.ProcessEnv, work: (plugin: PluginClient) => Promise<void>) {
        const plugin = await PluginClient.start(env);
        try {
            await work(plugin);
        } finally {
            plugin.close();
        }
    }

    test("reports all faults together, by property, with the nearest known key", async () => {
        await started({}, async (plugin) => {
            const failures = await plugin.checkConfig({
                url: "harbor.example.com",
                usrname: "admin",
                password: "x",
                insecure: '"maybe"',
                apiVersion: "1",
            });
            assert.deepEqual(failures, {
                usrname: 'no such property; did you mean "username"?',
                insecure: '"maybe" is not true or false',
                url: '"harbor.example.com" is not an address; write https://harbor.example.com',
                username:
                    "a password is given but no user name: `pulumi config set harbor:username …`, or set HARBOR_USERNAME",
                apiVersion: "1 is not supported; Harbor 2.x uses version 2",
            });
        });
    });

    test("reports where to set a missing address at each resource, in full only once", async () => {
        await started({}, async (plugin) => {
            assert.deepEqual(await plugin.checkConfig({}), {});
            await plugin.configure({});
            const reason =
                "provider harbor: url: Harbor's address is missing: `pulumi config set harbor:url https://…`, or set HARBOR_URL. Images in another registry need registry, project.existing and credentials";
            await assert.rejects(plugin.check(projectType, { name: "a" }), { message: reason });
            const short = "url: as reported before, Harbor's address is missing";
            await assert.rejects(plugin.check(projectType, { name: "b" }), { message: short });
            await assert.rejects(plugin.read(projectType, "/projects/1"), { message: short });
            await assert.rejects(plugin.delete(projectType, "/projects/1", {}, {}), {
                message: short,
            });
            const project = plugin.invoke("harbor:index/getProject:getProject", { name: "a" });
            await assert.rejects(project, { message: short });
        });
    });

    test("uses the environment for what is not given", async () => {
        const env = {
            HARBOR_URL: harbor.url,
            HARBOR_USERNAME: "admin",
            HARBOR_PASSWORD: harbor.adminPassword,
        };
        await started(env, async (plugin) => {
            await plugin.configure({ version: "0.1.0" });
            const { result } = await plugin.invoke("harbor:index/getProject:getProject", {
                name: "library",
            });
            assert.equal(result["id"], "/projects/1");
            assert.deepEqual(await plugin.checkConfig({ url: "nowhere" }), {
                url: '"nowhere" is not an address; write https://nowhere',
            });
        });
    });

    test("accepts placeholders of secrets, also without a user name and for headers", () => {
        const url = "https://harbor.example.com";
        const env = { HARBOR_PASSWORD: placeholder };
        for (const given of [{ url }, { url, username: "admin" }, { url, headers: placeholder }]) {
            const { client, failures } = readConfiguration(given, env);
            assert.deepEqual(failures, []);
            assert.equal(client?.headers, undefined);
        }
    });

    test("applies HARBOR_IGNORE_CERT, and verifies certificates without it (fault 1)", () => {
        const base = { url: "https://harbor.example.com" };
        const verifies = (given: object, env: NodeJS.ProcessEnv) =>
            readConfiguration({ ...base, ...given }, env).client?.verifyTls;
        assert.equal(verifies({}, {}), true);
        assert.equal(verifies({}, { HARBOR_IGNORE_CERT: "true" }), false);
        assert.equal(verifies({}, { HARBOR_IGNORE_CERT: "false" }), true);
        assert.equal(verifies({ insecure: "false" }, { HARBOR_IGNORE_CERT: "true" }), true);
        assert.equal(verifies({ insecure: true }, {}), false);
    });

    test("sends no login to a server with an untrusted certificate (fault 1)", async () => {
        const folder = await mkdtemp(join(tmpdir(), "harbor-tls-"));
        const { certificateFile, keyFile } = await ensureCertificates(folder);
        const cert = await readFile(certificateFile, "utf8");
        const key = await readFile(keyFile, "utf8");
        let requests = 0;
        const server = createServer({ cert, key }, (_, response) => {
            requests++;
            response.end("{}");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
        const login = {
            url: `https://127.0.0.1:${port}`,
            username: "admin",
            password: "Secret1234",
        };
        for (const env of [{}, { HARBOR_IGNORE_CERT: "false" }]) {
            await started(env, async (plugin) => {
                await plugin.configure(login);
                await assert.rejects(plugin.read(projectType, "/projects/1"), {
                    message: /^provider harbor: url: https:\S+ is not trusted: /,
                });
            });
        }
        assert.equal(requests, 0);
        server.close();
        await rm(folder, { recursive: true, force: true });
    });

    test("password, bearerToken and sessionId are secrets in the schema (fault 1: only headers)", () => {
        const secrets = Object.entries(schema.config.variables)
            .filter(([, variable]) => "secret" in variable && variable.secret)
            .map(([name]) => name);
        assert.deepEqual(secrets.sort(), ["bearerToken", "headers", "password", "sessionId"]);
    });

    test("accepts addresses of the API and of the portal", () => {
        const address = (url: string) => readConfiguration({ url }, {}).client?.url;
        assert.equal(address("https://h.example.com/"), "https://h.example.com");
        assert.equal(address("https://h.example.com/api/v2.0"), "https://h.example.com");
        assert.equal(address("https://h.example.com/harbor/"), "https://h.example.com");
        assert.equal(address("https://h.example.com:8443/sub"), "https://h.example.com:8443/sub");
    });

    test("rejects credentials in the address", () => {
        const { failures } = readConfiguration({ url: "https://u:p@h.example.com" }, {});
        assert.deepEqual(failures, [
            {
                property: "url",
                reason: "the address must not contain credentials; set username and password",
            },
        ]);
    });

    test("reads headers as JSON text from stack configuration", () => {
        const { client, failures } = readConfiguration(
            { url: "https://h.example.com", headers: '{"x-team":"a"}' },
            {},
        );
        assert.deepEqual(failures, []);
        assert.deepEqual(client?.headers, { "x-team": "a" });
    });

    test("accepts an unknown value until the provider must ask Harbor", async () => {
        await started({}, async (plugin) => {
            await plugin.configure({ url: unknown });
            const { outputs } = await plugin.create(projectType, { name: "a" }, { preview: true });
            assert.equal(outputs["name"], "a");
            await assert.rejects(plugin.read(projectType, "/projects/1"), {
                message: /its configuration is not known yet/,
            });
        });
    });

    test("reports a refused login in the preview of a new project", async () => {
        await started({}, async (plugin) => {
            await plugin.configure({ url: harbor.url, username: "admin", password: "Wrong12345" });
            await assert.rejects(plugin.create(projectType, { name: "a" }, { preview: true }), {
                message: `provider harbor: password: Harbor at ${harbor.url} refuses the login of user "admin"; check user name and password`,
            });
        });
    });

    test("reports a refused login in full once, then in short", async () => {
        await started({}, async (plugin) => {
            await plugin.configure({ url: harbor.url, username: "admin", password: "Wrong12345" });
            const first = plugin.create(projectType, { name: "a" });
            await assert.rejects(first, {
                message: `provider harbor: password: Harbor at ${harbor.url} refuses the login of user "admin"; check user name and password`,
            });
            await assert.rejects(plugin.create(projectType, { name: "b" }), {
                message: "password: as reported before, Harbor refuses the login",
            });
        });
    });

    test("reports an unreachable Harbor in full once, then in short", async () => {
        await started({}, async (plugin) => {
            await plugin.configure({ url: "http://127.0.0.1:1" });
            await assert.rejects(plugin.read(projectType, "/projects/1"), {
                message:
                    /^provider harbor: url: Harbor at http:\/\/127\.0\.0\.1:1 cannot be reached: nothing listens there/,
            });
            await assert.rejects(plugin.read(projectType, "/projects/2"), {
                message: "url: as reported before, Harbor cannot be reached",
            });
        });
    });

    test("sends no request to Harbor for a configuration", async () => {
        await started({}, async (plugin) => {
            await plugin.configure({ url: "http://127.0.0.1:1", username: "a", password: "b" });
        });
    });
});
