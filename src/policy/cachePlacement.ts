import { CacheBackend } from "../cache/backend";

/** Policies of a Harbor project that block pulls, including pulls of caches. */
export interface PullPolicies {
    /** Blocks images without a scan, or with too severe vulnerabilities. */
    readonly vulnerabilityPrevention: boolean;
    /** Blocks artifacts of every type without a signature that the images' project can have. */
    readonly contentTrust: boolean;
}

/** Requirements on the place of the cache. */
export interface CachePlacementRequest {
    readonly policies: PullPolicies;
    /**
     * Whether the cache has its own project. The account that pushes then needs access to both
     * projects: a given account, or a system-level robot account, which only a system administrator
     * of Harbor can create.
     */
    readonly ownProject: boolean;
    /** Undefined to choose a backend that works: inline, if possible. */
    readonly backend?: CacheBackend | undefined;
}

/** A place for the cache from which it can be read again. */
export interface CachePlacement {
    readonly backend: CacheBackend;
    /** Whether the cache has its own project. */
    readonly ownProject: boolean;
}

/** Why there is no place for the cache. */
export interface NoPlace {
    readonly reason: string;
    /** Argument of an image project that can fix this. */
    readonly argument: "cache.project" | "cache.backend";
}

/**
 * Decides where and how to store caches, given a project's policies.
 *
 * Vulnerability prevention answers 412 to requests for artifacts of type IMAGE without a scan or with
 * too severe vulnerabilities, and a builder-stage image contains a whole toolchain. BuildKit would
 * silently miss the cache, and its push to the same tag would fail. A cache manifest has the type
 * UNKNOWN, which no scanner reads, and is not blocked. Content trust requires a signature of every type,
 * which images with `sign` give to their caches.
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
                "content trust blocks every artifact without a signature, and only images with sign have " +
                "signed caches. If every image of the project has sign, set cache.project to the name of " +
                "this project, with content trust for cosign only. Otherwise give the caches their own " +
                'project, for example "shop-cache"; its robot accounts then require a system ' +
                "administrator of Harbor, or set credentials.push and credentials.read",
        };
    }
    if (
        policies.vulnerabilityPrevention &&
        (backend === CacheBackend.Inline || backend === CacheBackend.Images)
    ) {
        return {
            argument: "cache.backend",
            reason:
                "vulnerability prevention blocks images that are not scanned or not clean, and an " +
                "inline cache is an image with build tools. Remove it to use a registry cache, which " +
                "is not an image, or set cache.project to give the caches their own project",
        };
    }
    return {
        backend:
            backend ??
            (policies.vulnerabilityPrevention ? CacheBackend.Registry : CacheBackend.Inline),
        ownProject,
    };
}
