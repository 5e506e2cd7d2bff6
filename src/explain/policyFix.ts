/** Advice on caches under vulnerability prevention. */
export const vulnerabilityFix =
    "Keep the cache as a registry cache (cache.backend: CacheBackend.Registry), which Harbor does not scan, or in a project without vulnerability prevention (cache.project); an ImageProject with deploymentSecurity set chooses a registry cache.";

/** Advice on caches under content trust. */
export const contentTrustFix =
    "The cache is not signed: set sign and delete its tag in Harbor, or keep the cache in a project without content trust (cache.project).";

const immutableCacheFix =
    'A cache\'s tag moves with each build: the rule must exclude the repositories "**/cache", as the immutableTags of an ImageProject do, or the cache needs its own project (cache.project).';

const immutableTagFix =
    "Push under a tag for each content (tagByContent: true) or for each version (tags), or exclude the tag from the rule.";

const blockedTagFix =
    "A push first reads the tag's current manifest, and the policy blocks that request: push under a tag for each content (tagByContent: true) or for each version (tags).";

/**
 * How to push and read moving tags under a policy of their Harbor project (docs/adr/0005), in full
 * sentences.
 *
 * @param words the registry's message, recorded with Harbor 2.15.
 * @param target text that contains the pushed reference, or its URL in the registry.
 * @returns undefined when the message names no policy.
 */
export function policyFix(words: string, target: string): string | undefined {
    const immutable = /'([^']+)' configured as immutable/.exec(words)?.[1];
    if (immutable !== undefined) {
        return isAboutCache(immutable) ? immutableCacheFix : immutableTagFix;
    }
    if (/image is not signed by/.test(words)) {
        return isAboutCache(target)
            ? contentTrustFix
            : `${blockedTagFix} Signed images (sign) can be pushed over.`;
    }
    if (/due to configured policy/.test(words)) {
        return isAboutCache(target) ? vulnerabilityFix : blockedTagFix;
    }
    return undefined;
}

/** Whether a text names a cache's repository: `fm/cache:dev`, `…/cache/manifests/dev`. */
function isAboutCache(text: string): boolean {
    return /\/cache(?::|\/manifests\/|\/blobs\/)/.test(text);
}
