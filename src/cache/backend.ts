/** How the cache is kept in the registry. */
export const CacheBackend = {
    /** Each builder stage has an image that carries its cache (inline); the app's is a manifest beside them. */
    Inline: "inline",
    /** One manifest carries the cache of every stage (BuildKit's `mode=max`); no builder-stage image is pushed. */
    Registry: "registry",
} as const;
export type CacheBackend = (typeof CacheBackend)[keyof typeof CacheBackend];
