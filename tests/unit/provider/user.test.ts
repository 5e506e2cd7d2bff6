import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getUser } from "../../../src/harbor/user";
import { answer } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { secret } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/user:User";

describe("User", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    const person = (username: string, extra: object = {}) => ({
        username,
        fullName: "Some Body",
        email: `${username}@example.com`,
        password: "Passw0rd1",
        ...extra,
    });
    const logsIn = (username: string, password: string) =>
        bench.harbor
            .client({ username, password, retry: { loginLockMs: 1 } })
            .get("/users/current")
            .then(
                () => true,
                () => false,
            );

    test("comment reaches Harbor (fault 11)", async () => {
        const made = await make(bench, type, person("alice", { comment: "ops", admin: true }));
        const user = await getUser(bench.harbor.client(), Number(made.id.replace("/users/", "")));
        assert.deepEqual([user?.comment, user?.systemAdministrator], ["ops", true]);
        assert.deepEqual(await driftOf(bench, type, made), {});
        const changed = await change(bench, type, made, person("alice", { comment: "dev" }));
        assert.deepEqual(await driftOf(bench, type, changed), {});
        await removeTwice(bench, type, changed);
    });

    test("a changed password works, and is a secret wherever it shows", async () => {
        const made = await make(bench, type, person("bob"));
        assert.deepEqual(made.outputs["password"], secret("Passw0rd1"));
        await change(bench, type, made, person("bob", { password: "Passw0rd2" }));
        assert.equal(await logsIn("bob", "Passw0rd2"), true);
    });

    test("passwordWo is sent when its version changes, and is in no output", async () => {
        const wo = (passwordWo: string, passwordWoVersion: number) =>
            person("carol", { password: undefined, passwordWo, passwordWoVersion });
        const { password: _, ...inputs } = wo("Passw0rd1", 1);
        const made = await make(bench, type, inputs);
        assert.equal("passwordWo" in made.outputs, false);
        const next = { ...inputs, passwordWo: "Passw0rd2", passwordWoVersion: 2 };
        assert.deepEqual((await bench.plugin.diff(type, made.outputs, next)).detailed, {
            passwordWoVersion: "UPDATE",
        });
        await change(bench, type, made, next);
        assert.equal(await logsIn("carol", "Passw0rd2"), true);
    });

    test("an import by id, number or name shows no difference, whatever the password", async () => {
        const { id, inputs } = await make(bench, type, person("dora"));
        for (const form of [id, id.replace("/users/", ""), "dora"]) {
            assert.deepEqual(await importDiff(bench, type, form, inputs), { id, detailed: {} });
        }
    });

    test("one that cannot be made an administrator is taken back", async () => {
        bench.proxy.inject({ method: "PUT", path: "/sysadmin", act: answer(403) });
        await assert.rejects(make(bench, type, person("eve", { admin: true })), {
            message:
                /^admin: user "eve" could not be made an administrator .*, and was deleted again$/,
        });
        assert.equal((await bench.plugin.read(type, "eve")).id, "");
    });

    test("one that cannot be taken back either is recorded, and the next update goes on", async () => {
        bench.proxy.inject({ method: "PUT", path: "/sysadmin", act: answer(403) });
        bench.proxy.inject({ method: "DELETE", path: "/users/", act: answer(403) });
        const { inputs } = await bench.plugin.check(type, person("finn", { admin: true }));
        let made: { id: string; properties: Record<string, unknown> } | undefined;
        await assert.rejects(bench.plugin.create(type, inputs), (error: Error) => {
            assert.match(error.message, /^admin: user "finn" .*, and deleting it failed, too: /);
            made = error as unknown as typeof made; // InitFailed of the plugin client
            return true;
        });
        assert.ok(made);
        assert.equal(made.id, (await bench.plugin.read(type, "finn")).id);
        await bench.plugin.update(type, made.id, made.properties, inputs);
        assert.equal((await bench.plugin.read(type, "finn")).outputs["admin"], true);
    });

    test("one deleted in Harbor is gone at the next refresh, and deleting again is no error (fault 13)", async () => {
        await removeTwice(bench, type, await make(bench, type, person("gone")));
    });

    test("what Harbor refuses is refused by property", async () => {
        const { failures } = await bench.plugin.check(type, {
            username: "a~b",
            fullName: "x",
            email: "nowhere",
        });
        assert.deepEqual(failures, {
            username: '"a~b" holds one of , " ~ # % $, which Harbor refuses',
            email: '"nowhere" is not an e-mail address; expected name@host',
            "": "password: is missing: give password or passwordWo",
        });
    });
});
