import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

let harbor: TestHarbor;
const path = "/configurations";

before(async () => {
    harbor = await startTestHarbor();
});
after(() => harbor.close());

test("changes the login method while there are no users, with Harbor's rules", async () => {
    const cases: readonly [object, string][] = [
        [
            { auth_mode: "nope" },
            "bad request: item name auth_mode: invalid auth_mode, shoud be one of db_auth, ldap_auth, uaa_auth, http_auth, oidc_auth",
        ],
        [
            { auth_mode: "ldap_auth", ldap_url: " " },
            "bad request: item name ldap_url: the configure value can not be empty",
        ],
        [
            { ldap_scope: 3 },
            "bad request: item name ldap_scope: invalid scope, should be 0, 1 or 2",
        ],
    ];
    for (const [body, message] of cases) {
        const answer = await harbor.api("PUT", path, body);
        assert.deepEqual([answer.status, faultOf(answer).message], [400, message]);
    }
    const oidc = { auth_mode: "oidc_auth", oidc_client_secret: "Oidc-Secret-1" };
    assert.equal((await harbor.api("PUT", path, oidc)).status, 200);
    const { json, text } = await harbor.api("GET", path);
    const kept = json as Record<string, unknown>; // settings by name
    assert.deepEqual(kept["auth_mode"], { editable: true, value: "oidc_auth" });
    assert.equal(text.includes("Oidc-Secret-1"), false);
    assert.equal("oidc_client_secret" in kept, false);
});

test("refuses another login method with a user, and accepts the same one", async () => {
    await harbor.api("PUT", path, { auth_mode: "db_auth" });
    const user = { username: "alice", email: "a@example.com", realname: "A", password: "Passw0rd" };
    assert.equal((await harbor.api("POST", "/users", user)).status, 201);
    const answer = await harbor.api("PUT", path, { auth_mode: "oidc_auth" });
    assert.equal(
        faultOf(answer).message,
        "the auth mode cannot be modified as new users have been inserted into database",
    );
    assert.equal((await harbor.api("PUT", path, { auth_mode: "db_auth" })).status, 200);
});
