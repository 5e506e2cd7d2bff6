import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { dockerLogins } from "../../../src/registry/dockerLogins";

async function loginsIn(config: string | undefined) {
    const folder = await mkdtemp(join(tmpdir(), "docker-config-"));
    try {
        if (config !== undefined) {
            await writeFile(join(folder, "config.json"), config);
        }
        return Object.fromEntries(dockerLogins({ DOCKER_CONFIG: folder }));
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString("base64") });

test("finds logins by host in every form of the address", async () => {
    const auths = {
        "harbor.example.com": auth("robot$shop+ci:se:cret"),
        "https://index.docker.io/v1/": auth("acme:hub"),
        "http://127.0.0.1:5000": { username: "me", password: "plain" },
    };
    assert.deepEqual(await loginsIn(JSON.stringify({ auths })), {
        "harbor.example.com": { username: "robot$shop+ci", password: "se:cret" },
        "docker.io": { username: "acme", password: "hub" },
        "127.0.0.1:5000": { username: "me", password: "plain" },
    });
});

test("ignores logins in a credential helper", async () => {
    const config = { auths: { "harbor.example.com": {} }, credsStore: "desktop" };
    assert.deepEqual(await loginsIn(JSON.stringify(config)), {});
});

test("finds no login in a missing or broken configuration", async () => {
    assert.deepEqual(await loginsIn(undefined), {});
    assert.deepEqual(await loginsIn("{"), {});
    assert.deepEqual(await loginsIn(JSON.stringify({ auths: { h: auth("no-colon") } })), {});
});
