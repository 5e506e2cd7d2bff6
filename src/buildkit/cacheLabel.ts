/** Label with the reference of the cache that a build without an image writes, by which it is found. */
export const cacheLabel = "harbor-build.cache";
