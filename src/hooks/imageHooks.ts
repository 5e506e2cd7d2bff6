import * as pulumi from "@pulumi/pulumi";
import { hookName, inItsRun, takesHooks } from "../engine/hook";
import { explainLoginBy } from "../explain/accountState";
import { type BaseHookOptions, baseHook } from "./baseHook";
import { type CacheHookOptions, cacheHook } from "./cacheHook";
import { harborAccess } from "./harborAccess";
import { type BuildRetryOptions, retryHook } from "./retryHook";

/**
 * Options for the hooks of a component's images. The defaults of `url` and `verifyTls` are the Harbor
 * provider's configuration, then the variables `HARBOR_URL` and `HARBOR_IGNORE_CERT`.
 */
export interface ImageHooksOptions extends Omit<CacheHookOptions, "explainLogin">, BaseHookOptions {
    /** How to retry builds after a passing fault. */
    readonly retry?: BuildRetryOptions | undefined;
}

/**
 * Creates the hooks for the docker-build Images of one component; pass them to each Image.
 *
 * Before a build, in previews too, the hooks log the state of the cache sources in one line and check
 * the base images. They retry a build that fails with a passing fault. Requires engine 3.218 or newer.
 *
 * @param name the component's name, which the names of the hooks contain.
 * @returns undefined in tests with Pulumi's mocks, where no engine calls hooks.
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
