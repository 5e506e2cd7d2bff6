import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { HarborClient } from "../../src/harbor/client";
import { hasStatus, RequestError } from "../../src/http/error";
import { startFaultyProxy } from "./faultyProxy";
import type { SandboxHarbor } from "./sandboxHarbor";

/** A setting of all of Harbor, as `/configurations` answers it. */
interface Setting {
    readonly editable: boolean;
    readonly value: unknown;
}

/**
 * The Harbor that HARBOR_URL names, in place of a sandbox; undefined where it names none. What the
 * tests make is deleted at the end, and changed settings are set back. They log in as `admin`.
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
    return (await admin.get("/configurations")).body as Record<string, Setting>; // Harbor's settings
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

/** Deletes newest first: what is in a project goes before it. */
async function deleteAll(admin: HarborClient, locations: readonly string[]): Promise<void> {
    const faults: string[] = [];
    for (const location of [...locations].reverse()) {
        const path = location.replace(/^.*\/api\/v2\.0/, "");
        if (path.startsWith("/system/")) continue; // a schedule, or a run of a job
        await admin.delete(path).catch((error: unknown) => {
            // Of a retention policy that is gone, Harbor says 400.
            const isGone = path.startsWith("/retentions/") && hasStatus(error, 400);
            if (!isGone) faults.push(error instanceof RequestError ? error.message : String(error));
        });
    }
    assert.deepEqual(faults, [], "everything that the tests made is deleted");
}
