import * as pulumi from "@pulumi/pulumi";
import { hookName, inItsRun, observing, takesHooks } from "../engine/hook";
import { answerAfterInterrupt } from "../engine/interrupt";
import { explainLoginBy } from "../explain/accountState";
import { reportedError } from "../explain/classify";
import type { CacheTrust } from "../registry/cacheTrust";
import { reasonOf } from "../text/reason";
import { cacheSignHook } from "./cacheSign";
import { cacheWriteHook } from "./cacheWrite";
import { type BaseHookOptions, baseHook } from "./checks/baseHook";
import { builderHook } from "./checks/builderHook";
import { type CacheHookOptions, cacheHook } from "./checks/cacheHook";
import { sourcesHook } from "./checks/sourcesHook";
import { harborAccess } from "./harborAccess";
import { showWait } from "./log";
import type { ImageRecorder } from "./record/imageRecorder";
import { runRecorder } from "./record/report";
import { type BuildRetryOptions, retryHook } from "./retry/retryHook";

/**
 * Options for the hooks of a component's images. The defaults of `url` and `verifyTls` are the Harbor
 * provider's configuration, then the variables `HARBOR_URL` and `HARBOR_IGNORE_CERT`.
 */
export interface ImageHooksOptions extends Omit<CacheHookOptions, "explainLogin">, BaseHookOptions {
    /** How to retry builds after a temporary fault. */
    readonly retry?: BuildRetryOptions | undefined;
    /**
     * The keys of signed caches; never resolves while they are unknown. The images then read only
     * verified caches, which a hook of their own reports. @default caches are not signed
     */
    readonly trustOf?: (() => Promise<CacheTrust>) | undefined;
}

/** The hooks of a component's images, and what records the images for the report of the run. */
export interface ImageHooks {
    readonly hooks: pulumi.ResourceHookBinding;
    /** The hooks of a build that only writes a cache: the app image has already reported the same sources. */
    readonly cacheOnly: pulumi.ResourceHookBinding;
    /** The hooks of the caches that an image reads, for signed caches. */
    readonly sources: pulumi.ResourceHookBinding;
    /** Undefined when no report is asked for. */
    readonly recorder: ImageRecorder | undefined;
}

/**
 * Creates the hooks for the docker-build Images of one component; pass them to each Image.
 *
 * Before a build, in previews too, the hooks log the state of the cache sources in one line and check
 * the base images. They retry a build that fails with a temporary fault, and record builds for the report
 * of the run. Requires Pulumi 3.245 or newer.
 *
 * @param name the component's name, which the names of the hooks contain.
 * @returns undefined in tests with Pulumi's mocks, where no engine calls hooks.
 */
export function imageHooks(name: string, options: ImageHooksOptions): ImageHooks | undefined {
    if (!takesHooks()) {
        return undefined;
    }
    const access = harborAccess(options);
    const recorder = runRecorder(access.env)?.forComponent(access);
    const known = {
        ...options,
        ...access,
        explainLogin: explainLoginBy(access),
        onCacheReport: recorder === undefined ? undefined : recorder.cache.bind(recorder),
    };
    const record = recorder && {
        before: observing(recorder.before.bind(recorder)),
        failed: observing(recorder.failed.bind(recorder)),
        after: observing(recorder.after.bind(recorder)),
    };
    const checks = [
        cacheHook({ ...known, hasVerifiedSources: options.trustOf !== undefined }),
        baseHook(known),
        builderHook(access.env),
    ];
    const cache = new pulumi.ResourceHook(
        hookName(name, "cache"),
        inItsRun(async (args) => {
            const recorded = record?.before(args);
            try {
                const checked = Promise.all(checks.map((check) => check(args)));
                await showWait("waiting for registries: caches, base images", args.urn, checked);
            } catch (error) {
                await record?.failed(args, reasonOf(error));
                throw error;
            } finally {
                await recorded;
            }
        }),
        { onDryRun: true },
    );
    answerAfterInterrupt();
    const retryOrNot = retryHook({ ...known, ...options.retry });
    const retry = new pulumi.ErrorHook(
        hookName(name, "retry"),
        inItsRun(async (args) => {
            await record?.failed(args, reportedError(args.errors[0] ?? ""));
            return retryOrNot(args);
        }),
    );
    const unwritten = cacheWriteHook({
        ...access,
        onUnwritten: recorder?.unwritten.bind(recorder),
    });
    const { trustOf, ownReferences } = options;
    const write =
        trustOf === undefined
            ? unwritten
            : cacheSignHook({ ...access, trustOf, ownReferences, onUnwritten: unwritten });
    const written = new pulumi.ResourceHook(hookName(name, "written"), inItsRun(observing(write)));
    const report =
        record &&
        new pulumi.ResourceHook(hookName(name, "report"), inItsRun(record.after), {
            onDryRun: true,
        });
    const sources =
        trustOf === undefined
            ? []
            : [
                  new pulumi.ResourceHook(
                      hookName(name, "sources"),
                      inItsRun(observing(sourcesHook({ ...known, trustOf }))),
                      { onDryRun: true },
                  ),
              ];
    const after = report === undefined ? [written] : [report, written];
    return {
        hooks: {
            beforeCreate: [cache],
            beforeUpdate: [cache],
            onError: [retry],
            afterCreate: after,
            afterUpdate: after,
        },
        sources: { beforeCreate: sources, beforeUpdate: sources },
        cacheOnly: { onError: [retry], afterCreate: [written], afterUpdate: [written] },
        recorder,
    };
}
