import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { givenHarbor, holdHarbor, releaseHarbor } from "../../../tools/commands/harbor";
import { openWorkspace } from "../../../tools/commands/workspace";

const account = { HARBOR_USERNAME: "admin", HARBOR_PASSWORD: "Given-passw0rd" };

test("reads no Harbor without HARBOR_URL", () => {
    assert.equal(givenHarbor(account), undefined);
});

test("reads a Harbor with its account, and verifies certificates by default", () => {
    assert.deepEqual(givenHarbor({ HARBOR_URL: "https://harbor.example.com/", ...account }), {
        url: "https://harbor.example.com",
        username: "admin",
        password: "Given-passw0rd",
        ignoreCertificate: false,
    });
});

test("removes the path of the API from the address", () => {
    const given = givenHarbor({ HARBOR_URL: "https://h/api/v2.0/", ...account });
    assert.equal(given?.url, "https://h");
});

test("reads HARBOR_IGNORE_CERT as the provider does", () => {
    const given = (value: string) =>
        givenHarbor({ HARBOR_URL: "https://h", HARBOR_IGNORE_CERT: value, ...account });
    assert.equal(given("true")?.ignoreCertificate, true);
    assert.equal(given("1")?.ignoreCertificate, true);
    assert.equal(given("yes")?.ignoreCertificate, true);
    assert.equal(given("no")?.ignoreCertificate, false);
    assert.equal(given("")?.ignoreCertificate, false);
    assert.equal(given("false")?.ignoreCertificate, false);
});

test("reports everything that is missing or wrong together", () => {
    assert.throws(() => givenHarbor({ HARBOR_URL: "harbor", HARBOR_IGNORE_CERT: "maybe" }), {
        name: "Problem",
        message: [
            "HARBOR_URL names a Harbor that cannot be used:",
            '  HARBOR_URL: "harbor" is not an address; write https://harbor',
            "  HARBOR_USERNAME: missing. Set it to the account that declares the project",
            "  HARBOR_PASSWORD: missing. Set it to the password of that account",
            '  HARBOR_IGNORE_CERT: "maybe" is not a switch. Expected true or false',
        ].join("\n"),
    });
});

test("keeps a stack on its Harbor until it is destroyed", async () => {
    const workspace = await openWorkspace({}, await mkdtemp(join(tmpdir(), "hb-workspace-")));
    const access = (url: string) => ({
        url,
        username: "admin",
        password: "Given-passw0rd",
        ignoreCertificate: false,
    });
    await holdHarbor(workspace, access("https://one"));
    await holdHarbor(workspace, access("https://one"));
    await assert.rejects(holdHarbor(workspace, access("https://two")), {
        name: "Problem",
        message:
            "this clone's stack is on https://one, and the environment names https://two. Fix: set HARBOR_URL=https://one, with HARBOR_USERNAME and HARBOR_PASSWORD. To use another Harbor, first run npm run down",
    });
    await releaseHarbor(workspace);
    await holdHarbor(workspace, access("https://two"));
});
