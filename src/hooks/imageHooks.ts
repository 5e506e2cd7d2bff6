import * as pulumi from "@pulumi/pulumi";
import { explainLoginBy } from "./accountState";
import { type BaseHookOptions, baseHook } from "./baseHook";
import { type CacheHookOptions, cacheHook } from "./cacheHook";
import { harborAccess } from "./harborAccess";
import { hookName, inItsRun, takesHooks } from "./hook";
import { type RetryOptions, retryHook } from "./retryHook";

/**
 * What the hooks of a component's images must be told. `url` and `verifyTls` are by default what the
 * Harbor provider's configuration says, else the variables `HARBOR_URL` and `HARBOR_IGNORE_CERT`.
 */
export interface ImageHooksOptions extends Omit<CacheHookOptions, "explainLogin">, BaseHookOptions {
    /** How builds that meet a passing fault are tried again. */
    readonly retry?: RetryOptions | undefined;
}

/**
 * Makes the hooks for the docker-build Images of one component, to be given to each of them.
 *
 * Before an image is built, in previews too, one line says how its cache sources stand, and its base
 * images are checked. A build that
 * fails with a passing fault is tried again. Needs an engine of version 3.218 or newer.
 *
 * @param name the component's name; the hooks are named after it.
 * @returns undefined where there is no engine to call hooks, in tests with Pulumi's mocks.
 */
export function imageHooks(
    name: string,
    options: ImageHooksOptions,
): pulumi.ResourceHookBinding | undefined {
    if (!takesHooks()) {
        return undefined;
    }
    const access = harborAccess(options);
    const known = { ...options, ...access, explainLogin: explainLoginBy(access) };
    const checks = [cacheHook(known), baseHook(known)];
    const cache = new pulumi.ResourceHook(
        hookName(name, "cache"),
        inItsRun(async (args) => {
            await Promise.all(checks.map((check) => check(args)));
        }),
        { onDryRun: true },
    );
    const retry = new pulumi.ErrorHook(
        hookName(name, "retry"),
        inItsRun(retryHook({ ...known, ...options.retry })),
    );
    return { beforeCreate: [cache], beforeUpdate: [cache], onError: [retry] };
}
