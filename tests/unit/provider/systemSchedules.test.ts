import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
    getSystemSchedule,
    removeSystemSchedule,
} from "../../../src/provider/harbor/systemSchedule";
import { answer } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const gc = "harbor:index/garbageCollection:GarbageCollection";
const purge = "harbor:index/purgeAuditLog:PurgeAuditLog";

describe("schedules of the system", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    test("creates, changes, refreshes and deletes the schedule of garbage collection", async () => {
        const made = await make(bench, gc, { schedule: "daily", deleteUntagged: true, workers: 2 });
        assert.equal(made.id, "/system/gc/schedule");
        const set = await getSystemSchedule(bench.harbor.client(), "gc");
        assert.deepEqual([set?.cron, set?.parameters["workers"]], ["0 0 0 * * *", 2]);
        assert.deepEqual(await driftOf(bench, gc, made), {});
        const changed = await change(bench, gc, made, { schedule: "0 30 2 * * *" });
        assert.deepEqual(await driftOf(bench, gc, changed), {});
        await removeTwice(bench, gc, changed);
    });

    test("imports garbage collection (fault 12)", async () => {
        const inputs = { schedule: "Weekly", workers: 1 };
        const made = await make(bench, gc, inputs);
        assert.deepEqual(await importDiff(bench, gc, "/system/gc/schedule", inputs), {
            id: "/system/gc/schedule",
            detailed: {},
        });
        await removeTwice(bench, gc, made);
    });

    test("drops a schedule that was emptied in Harbor at the next refresh (fault 18: its empty answer)", async () => {
        for (const [type, job, inputs] of [
            [gc, "gc", { schedule: "Hourly" }],
            [
                purge,
                "purgeaudit",
                { schedule: "Hourly", auditRetentionHour: 1, includeEventTypes: "pull_artifact" },
            ],
        ] as const) {
            const made = await make(bench, type, inputs);
            await removeSystemSchedule(bench.harbor.client(), job);
            const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
            assert.equal(read.id, "", type);
        }
    });

    test("reports parameters that are not JSON, with the request", async () => {
        const body = { schedule: { type: "Daily", cron: "0 0 0 * * *" }, job_parameters: "x" };
        const headers = { "content-type": "application/json" };
        const act = answer(200, JSON.stringify(body), headers);
        bench.proxy.inject({ method: "GET", path: "/system/gc/schedule", act });
        await assert.rejects(bench.plugin.read(gc, "/system/gc/schedule"), {
            message: `unexpected answer: job_parameters should be an object, is "x" (GET ${bench.proxy.url}/api/v2.0/system/gc/schedule)`,
        });
    });

    test("accepts 1 to 10 workers, with both bounds checked (fault 18: only the lower one)", async () => {
        const { failures } = await bench.plugin.check(gc, { schedule: "Daily", workers: 11 });
        assert.deepEqual(failures, { workers: "11 is not a whole number from 1 to 10" });
    });

    test("creates and imports the schedule of the audit log's purge, and compares lists in any order (fault 12)", async () => {
        const made = await make(bench, purge, {
            schedule: "Daily",
            auditRetentionHour: 168,
            includeEventTypes: "create_artifact, delete_artifact",
        });
        assert.equal(made.id, "/system/purgeaudit/schedule");
        assert.deepEqual(await driftOf(bench, purge, made), {});
        const reordered = { ...made.inputs, includeEventTypes: "delete_artifact,create_artifact" };
        assert.deepEqual((await bench.plugin.diff(purge, made.outputs, reordered)).detailed, {});
        assert.deepEqual(await importDiff(bench, purge, made.id, reordered), {
            id: made.id,
            detailed: {},
        });
        await removeTwice(bench, purge, made);
    });

    test("rejects a purge of nothing", async () => {
        const { failures } = await bench.plugin.check(purge, {
            schedule: "Daily",
            auditRetentionHour: 1,
        });
        assert.deepEqual(failures, {
            includeEventTypes:
                "is missing: without it (or includeOperations, before Harbor 2.13) nothing is ever deleted",
        });
    });
});
