import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientOptions, HarborClient } from "../../src/harbor/client";
import { startHarbor } from "../../tools/sandbox/harbor/server";
import { atEnd } from "./atEnd";

/** A sandbox Harbor for one test, without a registry. */
export interface SandboxHarbor {
    readonly url: string;
    readonly adminPassword: string;
    /** A client with the administrator's login, or with other options. */
    client(options?: Partial<ClientOptions>): HarborClient;
    close(): Promise<void>;
}

/**
 * Starts a sandbox Harbor on a free port, with a random administrator password. A failed login
 * takes `loginDelayMs`.
 */
export async function startSandboxHarbor(
    options: { loginDelayMs?: number } = {},
): Promise<SandboxHarbor> {
    const dataDir = await mkdtemp(join(tmpdir(), "harbor-test-"));
    const adminPassword = `Aa1${randomBytes(12).toString("hex")}`;
    const harbor = await startHarbor({
        dataDir,
        adminPassword,
        loginDelayMs: options.loginDelayMs ?? 20,
    });
    const clients: HarborClient[] = [];
    return {
        url: harbor.url,
        adminPassword,
        client: (override = {}) => {
            const client = new HarborClient({
                url: harbor.url,
                username: "admin",
                password: adminPassword,
                retry: { delayMs: 1 },
                ...override,
            });
            clients.push(client);
            return client;
        },
        close: atEnd(async () => {
            for (const client of clients) client.close();
            await harbor.close();
            await rm(dataDir, { recursive: true, force: true });
        }),
    };
}
