import { asRecord, parseJson } from "../text/lenientJson";

/** OCI's media type of an image. */
export const imageType = "application/vnd.oci.image.manifest.v1+json";
/** OCI's media type of an index. */
export const indexType = "application/vnd.oci.image.index.v1+json";

/** Media types of images and indexes, from OCI and Docker. */
export const manifestTypes = [
    imageType,
    indexType,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

/** Media type of BuildKit's registry cache (buildkit 0.31, cache/remotecache/v1/types). */
export const cacheConfigType = "application/vnd.buildkit.cacheconfig.v0";
/** Key of the inline cache in an image's config (buildkit 0.31, exporter/containerimage/writer.go). */
export const inlineCacheKey = "moby.buildkit.cache.v0";

/** Where to find the cache of a manifest. */
type CacheLead =
    /** The manifest is a registry cache. */
    | { readonly kind: "cache" }
    /** An image: this config blob may carry an inline cache. */
    | { readonly kind: "config"; readonly digest: string }
    /** An index: one of these manifests may lead to a cache. */
    | { readonly kind: "manifests"; readonly digests: readonly string[] }
    /** BuildKit reads no cache from the manifest. */
    | { readonly kind: "none" };

/** Finds where BuildKit looks for the cache of a manifest. @throws SyntaxError when `body` is not JSON. */
export function cacheLead(body: string): CacheLead {
    const manifest = asRecord(parseJson(body));
    if (Array.isArray(manifest["manifests"])) {
        const entries = manifest["manifests"].map(asRecord);
        if (entries.some((entry) => entry["mediaType"] === cacheConfigType)) {
            return { kind: "cache" };
        }
        return { kind: "manifests", digests: entries.flatMap(({ digest }) => texts(digest)) };
    }
    const config = asRecord(manifest["config"]);
    if (config["mediaType"] === cacheConfigType) {
        return { kind: "cache" };
    }
    const [digest] = texts(config["digest"]);
    return digest === undefined ? { kind: "none" } : { kind: "config", digest };
}

/** Whether an image's config has an inline cache. @throws SyntaxError when `body` is not JSON. */
export function hasInlineCache(body: string): boolean {
    return asRecord(parseJson(body))[inlineCacheKey] !== undefined;
}

const texts = (value: unknown): string[] => (typeof value === "string" ? [value] : []);
