import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getUser } from "../../../src/provider/harbor/user";
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

    test("sends comment to Harbor (fault 11)", async () => {
        const made = await make(bench, type, person("alice", { comment: "ops", admin: true }));
        const user = await getUser(bench.harbor.client(), Number(made.id.replace("/users/", "")));
        assert.deepEqual([user?.comment, user?.systemAdministrator], ["ops", true]);
        assert.deepEqual(await driftOf(bench, type, made), {});
        const changed = await change(bench, type, made, person("alice", { comment: "dev" }));
        assert.deepEqual(await driftOf(bench, type, changed), {});
        await removeTwice(bench, type, changed);
    });

    test("applies a changed password and keeps it secret everywhere", async () => {
        const made = await make(bench, type, person("bob"));
        assert.deepEqual(made.outputs["password"], secret("Passw0rd1"));
        await change(bench, type, made, person("bob", { password: "Passw0rd2" }));
        assert.equal(await logsIn("bob", "Passw0rd2"), true);
    });

    test("sends passwordWo when its version changes, and puts it into no output", async () => {
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

    test("shows no difference after an import by id, number or name, for any password", async () => {
        const { id, inputs } = await make(bench, type, person("dora"));
        for (const form of [id, id.replace("/users/", ""), "dora"]) {
            assert.deepEqual(await importDiff(bench, type, form, inputs), { id, detailed: {} });
        }
    });

    test("deletes a new user who cannot be made an administrator", async () => {
        bench.proxy.inject({ method: "PUT", path: "/sysadmin", act: answer(403) });
        await assert.rejects(make(bench, type, person("eve", { admin: true })), {
            message:
                /^admin: user "eve" could not be made an administrator .*, and was deleted again$/,
        });
        assert.equal((await bench.plugin.read(type, "eve")).id, "");
    });

    test("records a new user who cannot be deleted either, and the next update continues", async () => {
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

    test("drops a user who was deleted in Harbor at the next refresh, and deletes again without an error (fault 13)", async () => {
        await removeTwice(bench, type, await make(bench, type, person("gone")));
    });

    test("rejects what Harbor refuses by property", async () => {
        const { failures } = await bench.plugin.check(type, {
            username: "a~b",
            fullName: "x",
            email: "nowhere",
        });
        assert.deepEqual(failures, {
            username: '"a~b" contains one of , " ~ # % $, which Harbor refuses',
            email: '"nowhere" is not an e-mail address; expected name@host',
            "": "password: is missing: give password or passwordWo",
        });
    });
});
