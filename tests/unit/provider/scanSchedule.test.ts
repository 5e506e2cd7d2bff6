import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
    getSystemSchedule,
    removeSystemSchedule,
} from "../../../src/provider/harbor/systemSchedule";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";
import { type ScannerAdapter, startScannerAdapter } from "../../support/scannerAdapter";

const services = "harbor:index/interrogationServices:InterrogationServices";
const tasks = "harbor:index/tasks:Tasks";
const id = "/system/scanAll/schedule";

describe("the schedule of scans of all artifacts", () => {
    let bench: ProviderBench;
    let adapters: ScannerAdapter[];
    before(async () => {
        bench = await startProviderBench();
        adapters = [await startScannerAdapter(), await startScannerAdapter()];
    });
    after(async () => {
        for (const adapter of adapters) adapter.close();
        await bench.close();
    });

    const scheduled = async () => (await getSystemSchedule(bench.harbor.client(), "scanAll"))?.cron;

    test("rejects the schedule without a scanner with what to do, and treats it as missing and deleted", async () => {
        const inputs = { vulnerabilityScanPolicy: "Daily" };
        await assert.rejects(make(bench, services, inputs), {
            message:
                "vulnerabilityScanPolicy: Harbor has no default scanner, and accepts no schedule without one; install Harbor with Trivy, register a scanner, or name one in defaultScanner",
        });
        assert.equal((await bench.plugin.read(services, id, inputs, inputs)).id, "");
        await bench.plugin.delete(services, id, inputs);
        await assert.rejects(make(bench, services, { ...inputs, defaultScanner: "Trivy" }), {
            message: 'defaultScanner: Harbor has no scanner "Trivy"; it has none',
        });
    });

    test("creates, changes, refreshes, imports (fault 12) and deletes InterrogationServices", async () => {
        const client = bench.harbor.client();
        for (const [index, name] of ["First", "Second"].entries()) {
            await client.post("/scanners", { name, url: adapters[index]?.url });
        }
        const made = await make(bench, services, { vulnerabilityScanPolicy: "daily" });
        assert.equal(made.id, id);
        assert.equal(await scheduled(), "0 0 0 * * *");
        assert.deepEqual(await driftOf(bench, services, made), {});
        const inputs = { vulnerabilityScanPolicy: "0 30 2 * * *" };
        const changed = await change(bench, services, made, inputs);
        assert.equal(await scheduled(), "0 30 2 * * *");
        assert.deepEqual(await driftOf(bench, services, changed), {});
        assert.deepEqual(await importDiff(bench, services, id, inputs), { id, detailed: {} });
        await assert.rejects(bench.plugin.read(services, "anything"), {
            message: `"anything" does not exist; the only id is ${id}`,
        });
        await removeTwice(bench, services, changed);
        assert.equal(await scheduled(), undefined);
    });

    test("finds the default scanner by name in any case, and sees a change in Harbor", async () => {
        const inputs = { vulnerabilityScanPolicy: "Weekly", defaultScanner: "second" };
        const made = await make(bench, services, inputs);
        const read = await bench.plugin.read(services, id, made.outputs, made.inputs);
        assert.equal(read.outputs["defaultScanner"], "Second");
        assert.deepEqual(await driftOf(bench, services, made), {});
        assert.deepEqual(await importDiff(bench, services, id, inputs), { id, detailed: {} });
        bench.takeRequests();
        await change(bench, services, made, inputs);
        assert.deepEqual(
            bench.takeRequests().filter((line) => line.startsWith("PATCH")),
            [],
        );
        await change(bench, services, made, { ...inputs, defaultScanner: "First" });
        assert.deepEqual(await driftOf(bench, services, made), { defaultScanner: "UPDATE" });
        const free = { vulnerabilityScanPolicy: "Weekly" };
        assert.deepEqual(await importDiff(bench, services, id, free), { id, detailed: {} });
        await removeTwice(bench, services, made);
    });

    test("reports a missing scanner with the existing ones (fault 25)", async () => {
        const inputs = { vulnerabilityScanPolicy: "Weekly", defaultScanner: "Frst" };
        await assert.rejects(make(bench, services, inputs), {
            message:
                'defaultScanner: Harbor has no scanner "Frst"; it has "First", "Second"; did you mean "First"?',
        });
        assert.equal(await scheduled(), undefined);
    });

    test("drops a schedule that was emptied in Harbor at the next refresh", async () => {
        const made = await make(bench, services, { vulnerabilityScanPolicy: "Hourly" });
        await removeSystemSchedule(bench.harbor.client(), "scanAll");
        assert.equal((await bench.plugin.read(services, id, made.outputs, made.inputs)).id, "");
    });

    test("manages the same schedule with Tasks, under its single id (fault 25)", async () => {
        const made = await make(bench, tasks, { vulnerabilityScanPolicy: "weekly" });
        assert.equal(made.id, id);
        assert.equal(made.outputs["tasksId"], id);
        assert.equal(await scheduled(), "0 0 0 * * 0");
        assert.deepEqual(await driftOf(bench, tasks, made), {});
        const inputs = { vulnerabilityScanPolicy: "Hourly" };
        await change(bench, tasks, made, inputs);
        assert.deepEqual(await importDiff(bench, tasks, id, inputs), { id, detailed: {} });
        await removeTwice(bench, tasks, made);
    });

    test("keeps the schedules of two Tasks apart (fault 25)", async () => {
        const given = [
            { vulnerabilityScanPolicy: "Daily" },
            { vulnerabilityScanPolicy: "0 15 3 * * *" },
        ];
        for (const inputs of given) await make(bench, tasks, inputs);
        assert.equal(await scheduled(), "0 15 3 * * *");
        await removeSystemSchedule(bench.harbor.client(), "scanAll");
    });

    test("keeps the id of a Tasks that moved over, and reads, updates and deletes by it", async () => {
        await make(bench, tasks, { vulnerabilityScanPolicy: "daily" });
        const bridgedId = "Ab3dEf6hIj9lMn2";
        const outputs = { vulnerabilityScanPolicy: "daily", tasksId: bridgedId };
        const moved = { id: bridgedId, inputs: { vulnerabilityScanPolicy: "daily" }, outputs };
        assert.deepEqual(await driftOf(bench, tasks, moved), {});
        const weekly = { vulnerabilityScanPolicy: "weekly" };
        const changed = await change(bench, tasks, moved, weekly);
        assert.equal(changed.outputs["tasksId"], bridgedId);
        assert.equal(await scheduled(), "0 0 0 * * 0");
        await assert.rejects(bench.plugin.read(tasks, bridgedId), {
            message: `"${bridgedId}" does not exist; the only id is ${id}`,
        });
        await removeTwice(bench, tasks, changed);
    });

    test("rejects an invalid schedule", async () => {
        const judged = async (vulnerabilityScanPolicy: string) =>
            (await bench.plugin.check(tasks, { vulnerabilityScanPolicy })).failures;
        assert.deepEqual(await judged("Dayly"), {
            vulnerabilityScanPolicy:
                '"Dayly" is not a schedule; expected Hourly, Daily, Weekly or six cron fields, seconds first; did you mean "Daily"?',
        });
        assert.deepEqual(await judged(""), {
            vulnerabilityScanPolicy:
                "is empty; expected Hourly, Daily, Weekly or six cron fields, seconds first",
        });
    });
});
