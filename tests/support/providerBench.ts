import { type FaultyProxy, startFaultyProxy } from "./faultyProxy";
import { PluginClient } from "./pluginClient";
import { type SandboxHarbor, startSandboxHarbor } from "./sandboxHarbor";

/** A provider in front of a sandbox Harbor, with a proxy between them that can break and that remembers. */
export interface ProviderBench {
    readonly harbor: SandboxHarbor;
    readonly proxy: FaultyProxy;
    readonly plugin: PluginClient;
    /** Requests so far, as `METHOD /path` without `/api/v2.0`; forgets them. */
    takeRequests(): string[];
    close(): Promise<void>;
}

/** Starts all three, with the provider configured as the administrator. */
export async function startProviderBench(): Promise<ProviderBench> {
    const harbor = await startSandboxHarbor();
    const proxy = await startFaultyProxy(harbor.url);
    const plugin = await PluginClient.start();
    await plugin.configure({
        url: proxy.url,
        username: "admin",
        password: harbor.adminPassword,
    });
    return {
        harbor,
        proxy,
        plugin,
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
