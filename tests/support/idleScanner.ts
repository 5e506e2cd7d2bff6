import assert from "node:assert/strict";
import { uniqueName } from "./lab";
import { askApi, type RegistryAccess } from "./registry";
import { startScannerAdapter } from "./scannerAdapter";

/** A scanner of Harbor's that has scanned nothing, until it is closed. */
export interface IdleScanner {
    close(): Promise<void>;
}

/**
 * Gives Harbor a scanner: without one, vulnerability prevention lets every image pass. One that it
 * has already stays as it is.
 */
export async function registerIdleScanner(admin: RegistryAccess): Promise<IdleScanner> {
    const { json } = await askApi(admin, "/scanners");
    if ((json as readonly unknown[]).length > 0) {
        return { close: async () => undefined };
    }
    const adapter = await startScannerAdapter();
    const name = uniqueName("idle");
    const body = { name, url: adapter.url };
    assert.equal((await askApi(admin, "/scanners", { method: "POST", body })).status, 201);
    return {
        async close() {
            const found = (await askApi(admin, "/scanners")).json as {
                name: string;
                uuid: string;
            }[];
            const scanner = found.find((one) => one.name === name);
            if (scanner !== undefined) {
                await askApi(admin, `/scanners/${scanner.uuid}`, { method: "DELETE" });
            }
            adapter.close();
        },
    };
}
