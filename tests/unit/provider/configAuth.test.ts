import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getSettings } from "../../../src/provider/harbor/settings";
import { createUser } from "../../../src/provider/harbor/user";
import { answer } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make } from "../../support/lifecycle";
import { secret, unknown } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/configAuth:ConfigAuth";
const id = "/configurations";
const oidc = {
    authMode: "oidc_auth",
    primaryAuthMode: true,
    oidcName: "azure",
    oidcEndpoint: "https://login.example.com/v2.0",
    oidcClientId: "harbor",
    oidcClientSecret: "Oidc-Secret-1",
    oidcScope: "openid,email",
    oidcVerifyCert: true,
    oidcAutoOnboard: true,
    oidcUserClaim: "name",
    oidcAdminGroup: "administrators",
};
const ldap = {
    authMode: "ldap_auth",
    ldapUrl: "openldap.example.com:389",
    ldapSearchDn: "cn=admin,dc=example,dc=org",
    ldapSearchPassword: "Ldap-Secret-1",
    ldapBaseDn: "dc=example,dc=org",
    ldapUid: "email",
    ldapFilter: "(objectClass=person)",
    ldapGroupUid: "cn",
    ldapScope: "onelevel",
};

describe("ConfigAuth", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    /** A test that changes the login method, which Harbor allows only without users. */
    function changing(name: string, work: () => Promise<void>): void {
        test(name, async (context) => {
            const users = await bench.harbor.client().list("/users");
            if (users.length === 0) return work();
            context.skip(`Harbor has ${users.length} users, so how they log in cannot change`);
        });
    }

    const settings = async () => {
        const found = await getSettings(bench.harbor.client());
        assert.ok(found);
        return found;
    };
    const lastBody = () =>
        JSON.parse(bench.proxy.passed.filter(({ method }) => method === "PUT").at(-1)?.body ?? "");

    changing("OIDC is set, refreshed without a difference and imported", async () => {
        const made = await make(bench, type, oidc);
        assert.equal(made.id, id);
        const kept = await settings();
        assert.deepEqual(
            [kept["auth_mode"], kept["primary_auth_mode"], kept["oidc_scope"]],
            ["oidc_auth", true, "openid,email"],
        );
        assert.equal(lastBody().oidc_client_secret, "Oidc-Secret-1");
        assert.equal(
            Object.keys(lastBody()).some((name) => name.startsWith("ldap_")),
            false,
        );
        assert.deepEqual(await driftOf(bench, type, made), {});
        assert.deepEqual(await importDiff(bench, type, id, oidc), { id, detailed: {} });
    });

    changing("sees every property that is changed in Harbor (fault 24)", async () => {
        const made = await make(bench, type, oidc);
        await bench.harbor.client().put("/configurations", {
            oidc_group_filter: "dev-*",
            oidc_logout: true,
            oidc_verify_cert: false,
            primary_auth_mode: false,
        });
        assert.deepEqual(await driftOf(bench, type, made), {
            oidcGroupFilter: "DELETE",
            oidcLogout: "DELETE",
            oidcVerifyCert: "ADD",
            primaryAuthMode: "UPDATE",
        });
        const mended = await change(bench, type, made, oidc);
        assert.deepEqual(await driftOf(bench, type, mended), {});
    });

    changing(
        "replaces OIDC by LDAP, reads everything back and leaves the settings of OIDC alone",
        async () => {
            const made = await make(bench, type, oidc);
            const changed = await change(bench, type, made, ldap);
            const kept = await settings();
            assert.deepEqual(
                [kept["auth_mode"], kept["ldap_scope"], kept["ldap_group_search_scope"]],
                ["ldap_auth", 1, 2],
            );
            assert.equal(kept["oidc_name"], "azure");
            assert.deepEqual(await driftOf(bench, type, changed), {});
            assert.deepEqual(await importDiff(bench, type, id, ldap), { id, detailed: {} });
            await bench.harbor.client().put("/configurations", { ldap_filter: "(uid=*)" });
            assert.deepEqual(await driftOf(bench, type, changed), { ldapFilter: "UPDATE" });
        },
    );

    changing("sends db_auth (fault 24), and accepts Harbor's short names", async () => {
        const made = await make(bench, type, { ...ldap, authMode: "ldap" });
        assert.deepEqual(await driftOf(bench, type, made), {});
        const back = await change(bench, type, made, { authMode: "db_auth" });
        assert.equal((await settings())["auth_mode"], "db_auth");
        assert.deepEqual(await driftOf(bench, type, back), {});
    });

    changing(
        "keeps secrets secret, also in a refresh, and removes those that are left out",
        async () => {
            const made = await make(bench, type, oidc);
            assert.deepEqual(made.outputs["oidcClientSecret"], secret("Oidc-Secret-1"));
            const read = await bench.plugin.read(type, id, made.outputs, made.inputs);
            assert.deepEqual(read.outputs["oidcClientSecret"], secret("Oidc-Secret-1"));
            const { oidcClientSecret: _, ...without } = oidc;
            const diff = await bench.plugin.diff(type, made.outputs, without);
            assert.deepEqual(diff.detailed, { oidcClientSecret: "DELETE" });
            const changed = await change(bench, type, made, without);
            assert.equal(lastBody().oidc_client_secret, "");
            await change(bench, type, changed, { ...without, oidcName: "other" });
            assert.equal("oidc_client_secret" in lastBody(), false);
        },
    );

    changing(
        "stores a write-only secret nowhere, and sends it again only for another version",
        async () => {
            const { oidcClientSecret: _, ...rest } = oidc;
            const first = { ...rest, oidcClientSecretWo: "Wo-1", oidcClientSecretWoVersion: 1 };
            const made = await make(bench, type, first);
            assert.equal(lastBody().oidc_client_secret, "Wo-1");
            assert.equal("oidcClientSecretWo" in made.outputs, false);
            assert.deepEqual(await driftOf(bench, type, made), {});
            const renamed = await change(bench, type, made, { ...first, oidcName: "other" });
            assert.equal("oidc_client_secret" in lastBody(), false);
            const second = { ...first, oidcClientSecretWo: "Wo-2", oidcClientSecretWoVersion: 2 };
            await change(bench, type, renamed, second);
            assert.equal(lastBody().oidc_client_secret, "Wo-2");
        },
    );

    test("reports missing settings and settings of another login method together, by property", async () => {
        const { failures } = await bench.plugin.check(type, {
            authMode: "oidc_auth",
            oidcEndpoint: "login.example.com",
            oidcScope: "email",
            oidcName: unknown,
            ldapUrl: "ldap://x",
            ldapSearchPassword: "Ldap-Secret-2",
            oidcClientSecretWo: "Wo-3",
        });
        assert.deepEqual(failures, {
            oidcEndpoint: '"login.example.com" is not an address; expected https://…',
            oidcScope: '"email" lacks "openid", which is required for logins',
            oidcClientId: 'is missing: authMode "oidc_auth" needs it',
            oidcClientSecretWoVersion: "is missing: both are needed",
            ldapUrl:
                'belongs to authMode "ldap_auth", and is not sent with "oidc_auth"; leave it out',
            // A secret is not named as the property: the engine would show its value.
            "": 'ldapSearchPassword: belongs to authMode "ldap_auth", and is not sent with "oidc_auth"; leave it out',
        });
        const ldapFailures = await bench.plugin.check(type, { authMode: "ldap", ldapScope: "sub" });
        assert.deepEqual(ldapFailures.failures, {
            ldapScope: '"sub" is not one of "base", "onelevel", "subtree"',
            ldapUrl: 'is missing: authMode "ldap_auth" needs it',
            ldapBaseDn: 'is missing: authMode "ldap_auth" needs it',
            ldapUid: 'is missing: authMode "ldap_auth" needs it',
        });
        const mode = await bench.plugin.check(type, { authMode: "oidc_aut" });
        assert.deepEqual(mode.failures, {
            authMode:
                '"oidc_aut" is not one of "db_auth", "ldap_auth", "oidc_auth"; did you mean "oidc_auth"?',
        });
    });

    changing("reports in the preview, and again in the update, that Harbor has users", async () => {
        await make(bench, type, { authMode: "db_auth" });
        const client = bench.harbor.client();
        const user = await createUser(client, {
            username: "alice",
            fullName: "Alice",
            email: "alice@example.com",
            comment: "",
            password: "Passw0rd-Of-Alice",
        });
        const refusal = {
            message:
                'authMode: Harbor does not change "db_auth" to "oidc_auth" while it has other users than the administrator; delete them, or leave authMode at "db_auth"',
        };
        const { inputs } = await bench.plugin.check(type, oidc);
        await assert.rejects(bench.plugin.create(type, inputs, { preview: true }), refusal);
        await assert.rejects(bench.plugin.create(type, inputs), refusal);
        const same = await bench.plugin.check(type, {
            authMode: "db_auth",
            primaryAuthMode: true,
        });
        await bench.plugin.create(type, same.inputs, { preview: true });
        await bench.plugin.create(type, same.inputs);
        await client.delete(`/users/${user.value}`);
    });

    test("distinguishes settings from Harbor's environment from missing rights", async () => {
        const message =
            "current config is init by env variable: CONFIG_OVERWRITE_JSON, it cannot be updated";
        const refusal = JSON.stringify({ errors: [{ code: "FORBIDDEN", message }] });
        bench.proxy.inject({ method: "PUT", path: "/configurations", act: answer(403, refusal) });
        await assert.rejects(make(bench, type, { authMode: "db_auth" }), {
            message:
                /CONFIG_OVERWRITE_JSON, it cannot be updated \(PUT \S+\)\. Harbor takes its settings from its own environment; change them there, or remove CONFIG_OVERWRITE_JSON$/,
        });
    });

    changing(
        "imports only by its one id (fault 12: any text), and keeps the login method when deleted",
        async () => {
            await assert.rejects(bench.plugin.read(type, "anything"), {
                message: '"anything" does not exist; the only id is /configurations',
            });
            const made = await make(bench, type, oidc);
            await bench.plugin.delete(type, id, made.outputs, made.inputs);
            await bench.plugin.delete(type, id, made.outputs, made.inputs);
            assert.equal((await settings())["auth_mode"], "oidc_auth");
        },
    );
});
