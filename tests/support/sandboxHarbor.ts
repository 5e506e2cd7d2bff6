import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientOptions, HarborClient } from "../../src/harbor/client";
import { startHarbor } from "../../tools/sandbox/harbor/server";
import { atEnd } from "./atEnd";

/** A sandbox Harbor of a test's own, without a registry behind it. */
export interface SandboxHarbor {
    readonly url: string;
    readonly adminPassword: string;
    /** A client logged in as the administrator; other options on demand. */
    client(options?: Partial<ClientOptions>): HarborClient;
    close(): Promise<void>;
}

/** Starts one on a free port, with an administrator of a random password and failed logins that take `loginDelayMs`. */
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
