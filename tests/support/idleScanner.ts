import assert from "node:assert/strict";
import { before } from "node:test";
import { atEnd } from "./atEnd";
import { type Lab, uniqueName } from "./lab";
import { askApi } from "./registry";
import { hasSystemRights } from "./rights";
import { startScannerAdapter } from "./scannerAdapter";

/**
 * Registers a scanner that scans nothing in Harbor, from the first test of the file to its end.
 * Without a scanner, vulnerability prevention allows every image. An existing scanner stays
 * unchanged; an account without system rights cannot register one.
 */
export function useIdleScanner({ admin }: Lab): void {
    before(async () => {
        if (!(await hasSystemRights(admin)) || (await scanners()).length > 0) {
            return;
        }
        const { url } = await startScannerAdapter();
        const name = uniqueName("idle");
        const made = await askApi(admin, "/scanners", { method: "POST", body: { name, url } });
        assert.equal(made.status, 201, JSON.stringify(made.json));
        atEnd(async () => {
            for (const { uuid } of (await scanners()).filter((one) => one.name === name)) {
                const path = `/scanners/${uuid}`;
                assert.equal((await askApi(admin, path, { method: "DELETE" })).status, 200);
            }
        });
    });

    async function scanners(): Promise<readonly { name: string; uuid: string }[]> {
        const { status, json } = await askApi(admin, "/scanners");
        assert.equal(status, 200);
        return json as { name: string; uuid: string }[]; // Harbor's list of scanners.
    }
}
