import { randomBytes } from "node:crypto";
import { type FaultyProxy, startFaultyProxy } from "./faultyProxy";
import { openGivenHarbor } from "./givenHarbor";
import { PluginClient } from "./pluginClient";
import { type SandboxHarbor, startSandboxHarbor } from "./sandboxHarbor";

/**
 * A provider of a sandbox Harbor, or of the Harbor in HARBOR_URL, with a proxy between them that
 * injects faults and records requests.
 */
export interface ProviderBench {
    readonly harbor: SandboxHarbor;
    readonly proxy: FaultyProxy;
    readonly plugin: PluginClient;
    /** The provider's configuration: the administrator's login. */
    readonly login: { readonly url: string; readonly username: string; readonly password: string };
    /** Creates a user without system rights, and configures the provider with this login. */
    becomeUser(username: string): Promise<void>;
    /** Returns and clears the requests so far, as `METHOD /path` without `/api/v2.0`. */
    takeRequests(): string[];
    close(): Promise<void>;
}

/** Starts all three, with the provider configured as the administrator. */
export async function startProviderBench(): Promise<ProviderBench> {
    const harbor = (await openGivenHarbor()) ?? (await startSandboxHarbor());
    const proxy = await startFaultyProxy(harbor.url);
    const plugin = await PluginClient.start();
    const login = { url: proxy.url, username: "admin", password: harbor.adminPassword };
    await plugin.configure({ ...login });
    return {
        login,
        harbor,
        proxy,
        plugin,
        becomeUser: async (username) => {
            const password = `Aa1${randomBytes(8).toString("hex")}`;
            const email = `${username}@example.com`;
            const user = { username, email, realname: username, password };
            await harbor.client().post("/users", user);
            await plugin.configure({ url: proxy.url, username, password });
        },
        takeRequests: () =>
            proxy.passed
                .splice(0)
                .map(({ method, path }) => `${method} ${path.replace("/api/v2.0", "")}`),
        close: async () => {
            plugin.close();
            await proxy.close();
            await harbor.close();
        },
    };
}
