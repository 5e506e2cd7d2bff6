/** Beside vulnerability prevention. */
export const vulnerabilityCure =
    "Keep the cache as a registry cache (cache.backend: CacheBackend.Registry), which Harbor does not scan, or in a project without vulnerability prevention (cache.project); an ImageProject that is told of the policy (deploymentSecurity) chooses by itself.";

/** Beside content trust. */
export const contentTrustCure =
    "Nobody signs a cache: keep it in a project without content trust (cache.project).";

const immutableCacheCure =
    "A cache's tag moves with each build: the rule must exclude the repositories \"**/cache\", as that of an ImageProject's immutableTags does, or the cache needs a project of its own (cache.project).";

const immutableTagCure =
    "Push under a tag for each content (tagByContent: true) or for each version (tags), or take the tag out of the rule.";

const blockedTagCure =
    "A push first asks for what the tag points to now, and the policy keeps that back: push under a tag for each content (tagByContent: true) or for each version (tags).";

/**
 * What in this package lets tags that move be pushed and read beside a policy of their Harbor project
 * (docs/adr/0005), in full sentences.
 *
 * @param words What the registry says, recorded with Harbor 2.15.
 * @param target Text that names what is pushed: a reference, or a URL of the registry.
 * @returns undefined when the words tell of no policy.
 */
export function policyCure(words: string, target: string): string | undefined {
    const immutable = /'([^']+)' configured as immutable/.exec(words)?.[1];
    if (immutable !== undefined) {
        return isAboutCache(immutable) ? immutableCacheCure : immutableTagCure;
    }
    if (/image is not signed by/.test(words)) {
        return isAboutCache(target) ? contentTrustCure : blockedTagCure;
    }
    if (/due to configured policy/.test(words)) {
        return isAboutCache(target) ? vulnerabilityCure : blockedTagCure;
    }
    return undefined;
}

/** Whether a text names a cache's repository: `fm/cache:dev`, `…/cache/manifests/dev`. */
function isAboutCache(text: string): boolean {
    return /\/cache(?::|\/manifests\/|\/blobs\/)/.test(text);
}
