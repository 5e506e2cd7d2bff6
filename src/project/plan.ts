import { findRegistryHost, type RegistrySources } from "../access/registryHost";
import { planRobots, type RobotPlans } from "../access/robotPlan";
import type { Fault } from "../arguments/userError";
import type { CacheBackend } from "../cache/backend";
import { placeCache } from "../policy/cachePlacement";
import { joinPatterns } from "../policy/cacheRepositories";
import {
    cacheDaysDefault,
    imageCountDefault,
    imageDaysDefault,
    type RetentionRule,
    type RetentionWish,
    retentionRules,
    reviewDaysDefault,
} from "../policy/retention";
import { type ImageProjectArgs, Severity } from "./args";
import { cacheProjectOf } from "./faults";
import { argumentFaults } from "./specification";

/** Everything that an {@link ImageProject} declares, as plain values. */
export interface ImageProjectPlan {
    /** Host of the registry. */
    readonly registry: string;
    readonly project: string;
    /** Undefined when the images' project holds the caches. */
    readonly cacheProject: string | undefined;
    /** The project of review stacks; undefined for none. */
    readonly reviewProject: string | undefined;
    readonly backend: CacheBackend;
    readonly robots: RobotPlans;
    /** Retention rules of each project. */
    readonly retention: {
        readonly project: readonly RetentionRule[];
        readonly cacheProject: readonly RetentionRule[];
        readonly reviewProject: readonly RetentionRule[];
    };
    /** Pattern of immutable tags; undefined for none. */
    readonly immutableTags: string | undefined;
}

/** Plans the resources of an `ImageProject`, or returns every invalid argument. */
export function planImageProject(
    args: ImageProjectArgs,
    surroundings: RegistrySources,
): { readonly plan: ImageProjectPlan } | { readonly faults: readonly Fault[] } {
    const host = findRegistryHost(args.registry, { ...surroundings, declaresAccounts: true });
    const cacheProject = cacheProjectOf(args);
    const placement = placeCache({
        policies: {
            vulnerabilityPrevention: (args.deploymentSecurity ?? Severity.None) !== Severity.None,
            // Caches have signatures of cosign's format, if the program confirms their place.
            contentTrust: Boolean(
                args.enableContentTrust ||
                    (args.enableContentTrustCosign && args.cache?.project !== args.name),
            ),
        },
        ownProject: cacheProject !== undefined,
        backend: args.cache?.backend,
    });
    const faults = [
        ...argumentFaults(args),
        ...("fault" in host ? [host.fault] : []),
        ...("reason" in placement ? [{ path: placement.argument, message: placement.reason }] : []),
    ];
    if (faults.length > 0 || "fault" in host || "reason" in placement) {
        return { faults };
    }
    const wish = retentionWish(args);
    const { project: reviewProject, days: reviewDays = reviewDaysDefault } = args.reviews ?? {};
    return {
        plan: {
            registry: host.host,
            project: args.name,
            cacheProject,
            reviewProject,
            backend: placement.backend,
            robots: planRobots({ project: args.name, cacheProject, reviewProject }),
            retention: {
                project: retentionRules(wish),
                cacheProject: retentionRules({ ...wish, images: undefined }),
                reviewProject: retentionRules({
                    cacheDays: reviewDays,
                    images: { days: reviewDays, tags: [] },
                }),
            },
            immutableTags: args.immutableTags?.length
                ? joinPatterns(args.immutableTags)
                : undefined,
        },
    };
}

function retentionWish({ retention = {} }: ImageProjectArgs): RetentionWish {
    const { cacheDays = cacheDaysDefault, images } = retention;
    return {
        cacheDays,
        images: images && {
            days: images.days ?? imageDaysDefault,
            count: images.count ?? imageCountDefault,
            tags: images.tags ?? [],
        },
    };
}
