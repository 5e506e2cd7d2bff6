import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHarbor } from "../../tools/sandbox/harbor/server";
import { ensureTools } from "../../tools/toolchain/tools";
import { type RegistryServer, startRegistryServer } from "../support/registryServer";
import { send } from "./http";
import type { TargetServer } from "./session";

export interface Target {
    readonly server: TargetServer;
    readonly isSandbox: boolean;
    /** Why no replay is possible; undefined when it is possible. */
    readonly unfit?: string;
    close(): Promise<void>;
}

/** The Harbor of the environment, or a sandbox of the test. */
export async function openTarget(needs: { readonly registry: boolean }): Promise<Target> {
    const { HARBOR_URL: url, HARBOR_USERNAME, HARBOR_PASSWORD, HARBOR_IGNORE_CERT } = process.env;
    if (url === undefined || url === "") {
        return openSandbox(needs.registry);
    }
    const given = {
        url: url.replace(/\/+$/, ""),
        username: HARBOR_USERNAME ?? "",
        password: HARBOR_PASSWORD ?? "",
        ignoreCertificate: HARBOR_IGNORE_CERT === "true" || HARBOR_IGNORE_CERT === "1",
    };
    const systemRights = await hasSystemRights(given);
    const restricted = !systemRights && (await projectsAreForAdministrators(given));
    return {
        server: { ...given, systemRights },
        isSandbox: false,
        ...(restricted
            ? { unfit: `${given.username} may not make projects: project_creation_restriction` }
            : {}),
        close: async () => undefined,
    };
}

type Given = Omit<TargetServer, "systemRights">;

function login({ username, password }: Given): Record<string, string> {
    const pair = Buffer.from(`${username}:${password}`).toString("base64");
    return { authorization: `Basic ${pair}` };
}

async function hasSystemRights(given: Given): Promise<boolean> {
    const answer = await send(given, "GET", "/api/v2.0/users/current", login(given));
    const text = answer.body.toString("utf8");
    if (answer.status !== 200) {
        const who = `HARBOR_USERNAME "${given.username}"`;
        throw new Error(`${who}: ${given.url} answers ${answer.status} to its login: ${text}`);
    }
    return (JSON.parse(text) as { sysadmin_flag?: boolean }).sysadmin_flag === true; // Harbor's user object.
}

async function projectsAreForAdministrators(given: Given): Promise<boolean> {
    // Anonymous users do not see it.
    const answer = await send(given, "GET", "/api/v2.0/systeminfo", login(given));
    const info: unknown = JSON.parse(answer.body.toString("utf8"));
    const restriction = new Map<string, unknown>(Object.entries(info ?? {}));
    return restriction.get("project_creation_restriction") === "adminonly";
}

async function openSandbox(needsRegistry: boolean): Promise<Target> {
    const folder = mkdtempSync(join(tmpdir(), "harbor-conformance-"));
    const password = `Aa1${randomBytes(9).toString("hex")}`;
    const registries: RegistryServer[] = [];
    if (needsRegistry) {
        const { registry } = await ensureTools(["registry"]);
        registries.push(await startRegistryServer(registry, join(folder, "behind")));
        registries.push(await startRegistryServer(registry, join(folder, "upstream")));
    }
    const [behind, upstream] = registries;
    const harbor = await startHarbor({
        dataDir: join(folder, "harbor"),
        adminPassword: password,
        loginDelayMs: 5,
        ...(behind === undefined ? {} : { upstreamUrl: behind.url }),
    });
    return {
        server: {
            url: harbor.url,
            username: "admin",
            password,
            systemRights: true,
            upstreamUrl: upstream?.url ?? "http://127.0.0.1:1",
        },
        isSandbox: true,
        close: async () => {
            await harbor.close();
            for (const registry of registries) {
                await registry.stop();
            }
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
