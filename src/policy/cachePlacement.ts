import { CacheBackend } from "../cache/backend";

/** What a Harbor project refuses to give out, and with it a cache that lives there. */
export interface PullPolicies {
    /** Images are given out only when they were scanned and nothing too severe was found. */
    readonly vulnerabilityPrevention: boolean;
    /** Artifacts of every kind are given out only when they are signed. */
    readonly contentTrust: boolean;
}

/** What is wished of the cache's place. */
export interface CachePlacementRequest {
    readonly policies: PullPolicies;
    /**
     * Whether the cache has a project of its own. Who pushes then has to reach both: a system-level
     * robot account does, which only a system administrator of Harbor can make, or a given account.
     */
    readonly ownProject: boolean;
    /** Undefined to choose the one that works, inline where both do. */
    readonly backend?: CacheBackend | undefined;
}

/** Where a cache goes so that it can be read again. */
export interface CachePlacement {
    readonly backend: CacheBackend;
    /** Whether the cache has a project of its own. */
    readonly ownProject: boolean;
}

/** Why there is no place, and what would make one. */
export interface NoPlace {
    readonly reason: string;
    /** Argument of an image project that would change it. */
    readonly argument: "cache.project" | "cache.backend";
}

/**
 * Decides how caches are kept beside a project's policies.
 *
 * Vulnerability prevention answers 412 to whoever asks for an artifact of type IMAGE that was not
 * scanned or holds too much; a builder-stage image is full of toolchain. BuildKit would miss the
 * cache without a word, and its push over the tag would fail. A cache manifest is of type UNKNOWN,
 * which no scanner looks at, and passes. Content trust asks a signature of every type.
 * Source: Harbor 2.15, src/server/middleware/vulnerable and src/server/middleware/contenttrust.
 */
export function placeCache(request: CachePlacementRequest): CachePlacement | NoPlace {
    const { policies, ownProject, backend } = request;
    if (ownProject) {
        return { backend: backend ?? CacheBackend.Inline, ownProject };
    }
    if (policies.contentTrust) {
        return {
            argument: "cache.project",
            reason:
                "content trust blocks every artifact that is not signed, and caches are not. Give " +
                'them a project of their own, for example "shop-cache"; their robot accounts then ' +
                "take a system administrator of Harbor, or give credentials.push and credentials.read",
        };
    }
    if (policies.vulnerabilityPrevention && backend === CacheBackend.Inline) {
        return {
            argument: "cache.backend",
            reason:
                "vulnerability prevention blocks images that are not scanned or not clean, and an " +
                "inline cache is an image full of tools. Leave it out for a registry cache, which " +
                "is none, or give the caches a project of their own",
        };
    }
    return {
        backend:
            backend ??
            (policies.vulnerabilityPrevention ? CacheBackend.Registry : CacheBackend.Inline),
        ownProject,
    };
}
