import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ScannerAdapter, startScannerAdapter } from "../../support/scannerAdapter";
import { faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

let harbor: TestHarbor;
let adapters: ScannerAdapter[];
const schedule = "/system/scanAll/schedule";

before(async () => {
    harbor = await startTestHarbor();
    adapters = [await startScannerAdapter(), await startScannerAdapter()];
});
after(async () => {
    for (const adapter of adapters) adapter.close();
    await harbor.close();
});

/** Registers the adapter of this index; gives the path of the scanner. */
async function register(name: string, index: number): Promise<string> {
    const answer = await harbor.api("POST", "/scanners", { name, url: adapters[index]?.url });
    assert.equal(answer.status, 201);
    return (answer.headers.get("location") ?? "").replace("/api/v2.0", "");
}

const defaults = async () =>
    ((await harbor.api("GET", "/scanners")).json as { name: string; is_default: boolean }[]).map(
        (scanner) => [scanner.name, scanner.is_default],
    );

test("makes the first scanner the default until another one is chosen", async () => {
    await register("first", 0);
    const second = await register("second", 1);
    assert.deepEqual(await defaults(), [
        ["first", true],
        ["second", false],
    ]);
    assert.equal((await harbor.api("PATCH", second, { is_default: true })).status, 200);
    assert.deepEqual(await defaults(), [
        ["second", true],
        ["first", false],
    ]);
    assert.equal((await harbor.api("PATCH", "/scanners/none", { is_default: true })).status, 404);
});

test("uses a project's scanner, or the default one", async () => {
    await harbor.api("POST", "/projects", { project_name: "shop" });
    const name = async () =>
        ((await harbor.api("GET", "/projects/shop/scanner")).json as { name: string }).name;
    assert.equal(await name(), "second");
    const [, first] = (await harbor.api("GET", "/projects/shop/scanner/candidates")).json as {
        uuid: string;
    }[];
    await harbor.api("PUT", "/projects/shop/scanner", { uuid: first?.uuid });
    assert.equal(await name(), "first");
});

test("requires that a scanner answers, describes itself and is not called Trivy", async () => {
    const silent = await harbor.api("POST", "/scanners", { name: "x", url: "http://127.0.0.1:1" });
    assert.equal(silent.status, 500);
    const reserved = await harbor.api("POST", "/scanners", {
        name: "Trivy",
        url: adapters[0]?.url,
    });
    assert.equal(
        faultOf(reserved).message,
        'name "Trivy" is reserved, please try a different name',
    );
    const auth = { name: "x", url: adapters[0]?.url, auth: "Bearer" };
    assert.equal(
        faultOf(await harbor.api("POST", "/scanners", auth)).message,
        "access_credential is required for auth type Bearer",
    );
});

test("keeps the schedule of scans, and does not simulate a scan", async () => {
    const daily = { schedule: { type: "Daily", cron: "0 0 0 * * *" } };
    assert.equal((await harbor.api("GET", schedule)).text, "");
    assert.equal((await harbor.api("POST", schedule, daily)).status, 201);
    const kept = (await harbor.api("GET", schedule)).json as { schedule: object };
    assert.deepEqual(kept.schedule, {
        cron: "0 0 0 * * *",
        next_scheduled_time: "0001-01-01T00:00:00.000Z",
        type: "Daily",
    });
    const again = await harbor.api("POST", schedule, daily);
    assert.deepEqual(
        [again.status, faultOf(again).message],
        [
            412,
            "fail to set schedule for scan all as always had one, please delete it firstly then to re-schedule",
        ],
    );
    const bad = await harbor.api("PUT", schedule, { schedule: { type: "Custom", cron: "1 * *" } });
    assert.deepEqual(
        [bad.status, faultOf(bad).message],
        [
            400,
            "invalid cron string for scheduled scan all: 1 * *, error: expected exactly 6 fields, found 3: [1 * *]",
        ],
    );
    const manual = { schedule: { type: "Manual" } };
    assert.equal((await harbor.api("POST", schedule, manual)).status, 501);
    assert.equal((await harbor.api("PUT", schedule, manual)).status, 400);
    assert.equal((await harbor.api("PUT", schedule, { schedule: { type: "None" } })).status, 200);
    assert.equal((await harbor.api("GET", schedule)).text, "");
});

test("shows a deleted scanner a last time, and hides its schedule", async () => {
    for (const { uuid } of (await harbor.api("GET", "/scanners")).json as { uuid: string }[]) {
        const gone = await harbor.api("DELETE", `/scanners/${uuid}`);
        assert.equal((gone.json as { uuid: string }).uuid, uuid);
    }
    assert.equal((await harbor.api("DELETE", "/scanners/none")).status, 404);
    assert.equal((await harbor.api("GET", schedule)).status, 412);
});
