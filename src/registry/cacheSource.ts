/** How a cache source stands when it is asked for. */
export const CacheSourceStatus = {
    /** It is there and carries a cache. */
    There: "there",
    /** An image is there that carries no cache. */
    WithoutCache: "without cache",
    /** No such tag, repository or project. */
    Missing: "missing",
    /** This account may not pull it, or no login is given. */
    Forbidden: "forbidden",
    /** The registry does not take the login: a wrong secret, an account that is disabled, expired or gone. */
    LoginRefused: "login refused",
    /** The login is refused since the account's validity has ended. A registry does not tell; Harbor's API does. */
    Expired: "expired",
    /** A policy of the project keeps it from being pulled. */
    Blocked: "blocked",
    /** No usable answer came. */
    Unreachable: "unreachable",
} as const;
export type CacheSourceStatus = (typeof CacheSourceStatus)[keyof typeof CacheSourceStatus];

/** The state of one cache source. */
export interface CacheSourceState {
    /** The reference as it was given. */
    readonly reference: string;
    readonly status: CacheSourceStatus;
    /** Digest of the manifest, `sha256:…`; only of what is there. */
    readonly digest?: string;
    /** Media type of the manifest; only of what is there. */
    readonly mediaType?: string;
    /** Why it cannot be used, in one clause without credentials; absent when it is there. */
    readonly reason?: string;
    /** What to do about it, in full sentences, where that depends on more than the status. */
    readonly advice?: string;
    /** The Harbor project that does not exist, where that is why it is missing. */
    readonly missingProject?: string;
}
