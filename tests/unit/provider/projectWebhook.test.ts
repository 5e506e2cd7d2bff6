import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { getWebhook, updateWebhook } from "../../../src/provider/harbor/webhook";
import { answer } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { secret } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/projectWebhook:ProjectWebhook";

describe("ProjectWebhook", () => {
    let bench: ProviderBench;
    let number: number;
    let projectId: string;
    before(async () => {
        bench = await startProviderBench();
        number = (await createProject(bench.harbor.client(), { name: "hooks" })).value;
        projectId = `/projects/${number}`;
    });
    after(() => bench.close());

    const hook = (name: string, extra: object = {}) => ({
        name,
        projectId,
        notifyType: "http",
        address: "https://ci.example.com/in",
        eventsTypes: ["PUSH_ARTIFACT", "DELETE_ARTIFACT"],
        ...extra,
    });
    const read = (id: string) =>
        getWebhook(bench.harbor.client(), number, Number(id.split("/").pop()));

    test("creates a webhook with every setting, and a refresh finds no difference", async () => {
        const made = await make(
            bench,
            type,
            hook("all", { skipCertVerify: false, description: "d" }),
        );
        const found = await read(made.id);
        assert.equal(found?.skipCertVerify, false);
        assert.equal(found?.enabled, true);
        assert.deepEqual(found?.eventTypes, ["PUSH_ARTIFACT", "DELETE_ARTIFACT"]);
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("sends payloadFormat to Harbor (fault 6)", async () => {
        const made = await make(bench, type, hook("ce", { payloadFormat: "CloudEvents" }));
        assert.equal((await read(made.id))?.payloadFormat, "CloudEvents");
        assert.deepEqual(await driftOf(bench, type, made), {});
        const back = await change(bench, type, made, hook("ce"));
        assert.equal((await read(made.id))?.payloadFormat, "Default");
        assert.deepEqual(await driftOf(bench, type, back), {});
    });

    test("keeps authHeader secret everywhere (fault 1)", async () => {
        const made = await make(bench, type, hook("auth", { authHeader: "Bearer abc" }));
        assert.deepEqual(made.inputs["authHeader"], secret("Bearer abc"));
        assert.deepEqual(made.outputs["authHeader"], secret("Bearer abc"));
        const imported = await bench.plugin.read(type, made.id);
        assert.deepEqual(imported.inputs["authHeader"], secret("Bearer abc"));
    });

    test("accepts a bare project number like its path (fault 7)", async () => {
        const made = await make(bench, type, hook("bare", { projectId: String(number) }));
        assert.equal(made.outputs["projectId"], projectId);
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("sees events changed in Harbor, in any order (fault 10)", async () => {
        const made = await make(bench, type, hook("drift"));
        const client = bench.harbor.client();
        const found = await read(made.id);
        assert.ok(found);
        await updateWebhook(client, number, found.id, { ...found, eventTypes: ["PULL_ARTIFACT"] });
        assert.deepEqual(await driftOf(bench, type, made), { eventsTypes: "UPDATE" });
        await updateWebhook(client, number, found.id, {
            ...found,
            eventTypes: [...found.eventTypes].reverse(),
        });
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("keeps projectId and eventsTypes in an import (fault 12)", async () => {
        const inputs = hook("imported");
        const { id } = await make(bench, type, inputs);
        assert.deepEqual(await importDiff(bench, type, id, inputs), { id, detailed: {} });
    });

    test("replaces a webhook for another project (fault 15: an update against the old id)", async () => {
        const diff = await bench.plugin.diff(
            type,
            hook("m"),
            hook("m", { projectId: "/projects/99" }),
        );
        assert.deepEqual(diff.replaces, ["projectId"]);
        assert.equal(diff.deleteBeforeReplace, false);
    });

    test("rejects what Harbor refuses by property", async () => {
        const { failures } = await bench.plugin.check(
            type,
            hook("bad", {
                notifyType: "smtp",
                address: "ftp://x/y",
                eventsTypes: ["PUSH_ARTIFACTS"],
                payloadFormat: "XML",
            }),
        );
        assert.deepEqual(failures, {
            notifyType: '"smtp" is not one of "http", "slack"',
            address: '"ftp://x/y" is not an address; expected http://… or https://…',
            eventsTypes: `"PUSH_ARTIFACTS" is not one of "PUSH_ARTIFACT", "PULL_ARTIFACT", "DELETE_ARTIFACT", "QUOTA_EXCEED", "QUOTA_WARNING", "SCANNING_FAILED", "SCANNING_STOPPED", "SCANNING_COMPLETED", "REPLICATION", "TAG_RETENTION"; did you mean "PUSH_ARTIFACT"?`,
            payloadFormat: '"XML" is not one of "Default", "CloudEvents"',
        });
    });

    test("deletes twice, also while Harbor still delivers (fault 13: 404 on delete)", async () => {
        const made = await make(bench, type, hook("busy"));
        bench.proxy.inject({
            method: "DELETE",
            path: "/webhook/policies/",
            act: answer(412, '{"errors":[{"code":"UNKNOWN","message":"contains executions"}]}'),
        });
        await removeTwice(bench, type, made);
    });
});
