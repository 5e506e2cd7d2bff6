/** State of a cache source. */
export const CacheSourceStatus = {
    /** The source exists and has a cache. */
    There: "there",
    /** The source is an image without a cache. */
    WithoutCache: "without cache",
    /** No such tag, repository or project. */
    Missing: "missing",
    /** The account may not pull it, or there is no login. */
    Forbidden: "forbidden",
    /** The registry rejects the login: a wrong secret, or a disabled, expired or deleted account. */
    LoginRefused: "login refused",
    /** The registry rejects the login because the account has expired. Only Harbor's API reports this. */
    Expired: "expired",
    /** No key that the run trusts has signed the source under this reference. */
    Untrusted: "not signed with a trusted key",
    /** A policy of the project blocks the pull. */
    Blocked: "blocked",
    /** The host answers, and no registry is there. */
    NoRegistry: "not in a registry",
    /** The registry returned no usable answer. */
    Unreachable: "unreachable",
} as const;
export type CacheSourceStatus = (typeof CacheSourceStatus)[keyof typeof CacheSourceStatus];

/** The state of one cache source. */
export interface CacheSourceState {
    /** The given reference. */
    readonly reference: string;
    readonly status: CacheSourceStatus;
    /** Digest of the manifest, `sha256:…`; only of an existing source. */
    readonly digest?: string;
    /** Media type of the manifest; only of an existing source. */
    readonly mediaType?: string;
    /** Why the source cannot be used, in one clause without credentials; absent when it can. */
    readonly reason?: string;
    /** What to do, in full sentences, if that depends on more than the status. */
    readonly advice?: string;
    /** The missing Harbor project, if that is why the source is missing. */
    readonly missingProject?: string;
}
