import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { givenHarbor, holdHarbor, releaseHarbor } from "../../../commands/harbor";
import { openWorkspace } from "../../../commands/workspace";

const account = { HARBOR_USERNAME: "admin", HARBOR_PASSWORD: "Given-passw0rd" };

test("without HARBOR_URL no Harbor is given", () => {
    assert.equal(givenHarbor(account), undefined);
});

test("a given Harbor is taken with its account, its certificate verified", () => {
    assert.deepEqual(givenHarbor({ HARBOR_URL: "https://harbor.example.com/", ...account }), {
        url: "https://harbor.example.com",
        username: "admin",
        password: "Given-passw0rd",
        ignoreCertificate: false,
    });
});

test("HARBOR_IGNORE_CERT takes true and false", () => {
    const given = (value: string) =>
        givenHarbor({ HARBOR_URL: "https://h", HARBOR_IGNORE_CERT: value, ...account });
    assert.equal(given("true")?.ignoreCertificate, true);
    assert.equal(given("1")?.ignoreCertificate, true);
    assert.equal(given("false")?.ignoreCertificate, false);
});

test("everything that is missing or wrong is told at once", () => {
    assert.throws(() => givenHarbor({ HARBOR_URL: "harbor", HARBOR_IGNORE_CERT: "yes" }), {
        name: "Problem",
        message: [
            "a Harbor is given, but not all of it:",
            '  HARBOR_URL: "harbor" is no URL; expected https://HOST or http://HOST',
            "  HARBOR_USERNAME: missing; expected the account that declares the project",
            "  HARBOR_PASSWORD: missing; expected the account's password",
            '  HARBOR_IGNORE_CERT: "yes" is neither true nor false',
        ].join("\n"),
    });
});

test("a stack stays on its Harbor until it is destroyed", async () => {
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
        message: /stack is on https:\/\/one, and now it would be looked for on https:\/\/two/,
    });
    await releaseHarbor(workspace);
    await holdHarbor(workspace, access("https://two"));
});
