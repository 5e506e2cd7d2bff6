/** How the cache is stored in the registry. */
export const CacheBackend = {
    /** Each builder stage has an image with its cache inline, in addition to the stack's cache manifest. */
    Inline: "inline",
    /** One manifest carries the cache of every stage (BuildKit's `mode=max`); no builder-stage image is pushed. */
    Registry: "registry",
    /**
     * Each builder stage has an image with its cache inline, and there is no cache manifest: for
     * registries that refuse one. A new builder repeats the steps of the final stage.
     */
    Images: "images",
} as const;
export type CacheBackend = (typeof CacheBackend)[keyof typeof CacheBackend];
