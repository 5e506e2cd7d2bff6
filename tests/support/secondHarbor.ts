import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHarbor } from "../../tools/sandbox/harbor/server";
import { atEnd } from "./atEnd";
import type { Lab } from "./lab";
import type { RegistryAccess } from "./registry";
import { startRegistryServer } from "./registryServer";

/** A second sandbox Harbor for the run, with its own port, data and registry. */
export interface SecondHarbor {
    /** The administrator's account. */
    readonly admin: RegistryAccess;
    /** Host and port: the first part of references. */
    readonly host: string;
    /** Stops Harbor, changes its data and starts it again at the same address. */
    whileStopped(change: (dataDir: string) => void): Promise<void>;
    close(): Promise<void>;
}

/** Starts a second Harbor over http, BuildKit's default for a loopback host. */
export async function startSecondHarbor(lab: Lab): Promise<SecondHarbor> {
    const folder = await mkdtemp(join(tmpdir(), "hb-harbor-"));
    const password = `Aa1${randomBytes(12).toString("hex")}`;
    const { registry } = lab.sandboxOptions.tools;
    const behind = await startRegistryServer(registry, join(folder, "registry"));
    const options = {
        dataDir: join(folder, "harbor"),
        adminPassword: password,
        upstreamUrl: behind.url,
    };
    let harbor = await startHarbor(options);
    return {
        admin: { url: harbor.url, username: "admin", password },
        host: new URL(harbor.url).host,
        async whileStopped(change) {
            const { port } = harbor;
            await harbor.close();
            change(options.dataDir);
            harbor = await startHarbor({ ...options, port });
        },
        close: atEnd(async () => {
            await harbor.close();
            await behind.stop();
            await rm(folder, { recursive: true, force: true });
        }),
    };
}
