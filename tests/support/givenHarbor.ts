import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { HarborClient } from "../../src/harbor/client";
import { hasStatus, RequestError } from "../../src/http/error";
import { startFaultyProxy } from "./faultyProxy";
import type { SandboxHarbor } from "./sandboxHarbor";

/** A setting of all of Harbor, as `/configurations` returns it. */
interface Setting {
    readonly editable: boolean;
    readonly value: unknown;
}

/**
 * The Harbor in HARBOR_URL, in place of a sandbox; undefined without the variable. At the end,
 * everything that the tests created is deleted, and changed settings are restored. The tests log in
 * as `admin`.
 */
export async function openGivenHarbor(): Promise<SandboxHarbor | undefined> {
    const { HARBOR_URL, HARBOR_PASSWORD, NODE_EXTRA_CA_CERTS } = process.env;
    if (!HARBOR_URL) return undefined;
    const proxy = await startFaultyProxy(HARBOR_URL, {
        ...(NODE_EXTRA_CA_CERTS ? { ca: readFileSync(NODE_EXTRA_CA_CERTS, "utf8") } : {}),
    });
    const login = { username: "admin", password: HARBOR_PASSWORD ?? "" };
    const clients: HarborClient[] = [];
    const client: SandboxHarbor["client"] = (override = {}) => {
        const retry = { delayMs: 1 };
        const made = new HarborClient({ url: proxy.url, ...login, retry, ...override });
        clients.push(made);
        return made;
    };
    const admin = client();
    const before = await settingsOf(admin);
    return {
        url: proxy.url,
        adminPassword: login.password,
        client,
        close: async () => {
            try {
                await setBack(admin, before);
                await deleteAll(admin, proxy.made);
            } finally {
                for (const one of clients) one.close();
                await proxy.close();
            }
        },
    };
}

async function settingsOf(admin: HarborClient): Promise<Readonly<Record<string, Setting>>> {
    return (await admin.get("/configurations")).body as Record<string, Setting>; // Harbor's settings.
}

async function setBack(
    admin: HarborClient,
    before: Readonly<Record<string, Setting>>,
): Promise<void> {
    const now = await settingsOf(admin);
    const changed = Object.entries(before)
        .filter(([key, { editable }]) => editable && !isDeepStrictEqual(now[key], before[key]))
        .map(([key, { value }]) => [key, value]);
    if (changed.length > 0) await admin.put("/configurations", Object.fromEntries(changed));
}

/** Deletes the newest first, so the contents of a project before the project. */
async function deleteAll(admin: HarborClient, locations: readonly string[]): Promise<void> {
    const faults: string[] = [];
    for (const location of [...locations].reverse()) {
        const path = location.replace(/^.*\/api\/v2\.0/, "");
        if (path.startsWith("/system/")) continue; // A schedule, or a run of a job.
        await admin.delete(path).catch((error: unknown) => {
            // Harbor answers 400 for a missing retention policy.
            const isGone = path.startsWith("/retentions/") && hasStatus(error, 400);
            if (!isGone) faults.push(error instanceof RequestError ? error.message : String(error));
        });
    }
    assert.deepEqual(faults, [], "everything that the tests made is deleted");
}
