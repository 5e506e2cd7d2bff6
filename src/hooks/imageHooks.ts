import * as pulumi from "@pulumi/pulumi";
import { type CacheHookOptions, cacheHook } from "./cacheHook";
import { type RetryOptions, retryHook } from "./retryHook";

/**
 * What the hooks of a component's images must be told. `url` and `verifyTls` are by default what the
 * Harbor provider's configuration says, else the variables `HARBOR_URL` and `HARBOR_IGNORE_CERT`.
 */
export interface ImageHooksOptions extends CacheHookOptions {
    /** How builds that meet a passing fault are tried again. */
    readonly retry?: RetryOptions | undefined;
}

/** How many hooks of this process bear a name. */
const used = new Map<string, number>();

/**
 * Makes the hooks for the docker-build Images of one component, to be given to each of them.
 *
 * Before an image is built, in previews too, one line says how its cache sources stand. A build that
 * fails with a passing fault is tried again. Needs an engine of version 3.218 or newer.
 *
 * @param name the component's name; the hooks are named after it.
 * @returns undefined where there is no engine to call hooks, in tests with Pulumi's mocks.
 */
export function imageHooks(
    name: string,
    options: ImageHooksOptions,
): pulumi.ResourceHookBinding | undefined {
    if (!engineTakesHooks()) {
        return undefined;
    }
    const known = { ...options, ...harborAccess(options) };
    const cache = new pulumi.ResourceHook(hookName(name, "cache"), cacheHook(known), {
        onDryRun: true,
    });
    const retry = new pulumi.ErrorHook(
        hookName(name, "retry"),
        retryHook({ ...known, ...options.retry }),
    );
    return { beforeCreate: [cache], beforeUpdate: [cache], onError: [retry] };
}

// As the provider reads them: provider/configuration.ts.
function harborAccess({ url, verifyTls }: ImageHooksOptions) {
    const config = new pulumi.Config("harbor");
    const insecure = config.get("insecure") ?? process.env["HARBOR_IGNORE_CERT"] ?? "";
    return {
        url: url ?? config.get("url") ?? process.env["HARBOR_URL"],
        verifyTls: verifyTls ?? !/^(true|1)$/i.test(insecure),
    };
}

// The SDK's mock monitor claims hooks and has no such methods: a hook there ends the test (SDK 3.270).
function engineTakesHooks(): boolean {
    const monitor = pulumi.runtime.getMonitor();
    return typeof monitor?.registerResourceHook === "function";
}

// The engine takes a name once, and components with different parents may share theirs. The names
// end up in the state: the count, unlike a random part, keeps it the same from run to run.
function hookName(component: string, role: string): string {
    const base = `harbor-build:${component}:${role}`;
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    return count === 1 ? base : `${base}#${count}`;
}
