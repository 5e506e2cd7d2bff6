/** How the cache is kept in the registry. */
export const CacheBackend = {
    /** In the images' own configs: each image carries the cache of its own stage. */
    Inline: "inline",
    /** As a manifest of its own that carries every stage (BuildKit's `mode=max`). */
    Registry: "registry",
} as const;
export type CacheBackend = (typeof CacheBackend)[keyof typeof CacheBackend];
