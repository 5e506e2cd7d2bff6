import { asList, asRecord, asText, parseJson } from "../text/lenientJson";
import type { CredentialsFor } from "./credentials";
import { type Location, locate } from "./location";
import { cacheLead } from "./manifest";
import { Registries, type RegistryOptions } from "./registries";
import type { RegistrySession } from "./session";

/** What a cache lacks after the build that should have written it. */
export const CacheGap = {
    /** The cache does not exist. */
    Missing: "missing",
    /** The cache is that of an earlier build: it lacks layers of the image. */
    Older: "older",
} as const;
export type CacheGap = (typeof CacheGap)[keyof typeof CacheGap];

/**
 * Compares a cache with an image of the same build. A cache of every stage has all layers of the image.
 *
 * @param image undefined when only the existence of the cache counts
 * @returns undefined for a cache without a gap.
 * @throws RequestError when the registry does not answer, SyntaxError when the answer is not JSON.
 */
export async function findCacheGap(
    cache: string,
    image: string | undefined,
    credentialsFor: CredentialsFor,
    options: RegistryOptions = {},
): Promise<CacheGap | undefined> {
    const registries = new Registries(credentialsFor, options);
    try {
        const layersAt = (reference: string) => {
            const place = locate(reference);
            return registries.ask(place, (session) => readLayers(session, place));
        };
        const [stored, layers = []] = await Promise.all([
            layersAt(cache),
            image === undefined ? undefined : layersAt(image),
        ]);
        if (stored === undefined) {
            return CacheGap.Missing;
        }
        const known = new Set(stored);
        return layers.every((layer) => known.has(layer)) ? undefined : CacheGap.Older;
    } finally {
        registries.close();
    }
}

/** The digests of a manifest's layers, or of the image in an index with attestations; undefined for none. */
async function readLayers(
    session: RegistrySession,
    { repository, selector }: Pick<Location, "repository" | "selector">,
): Promise<readonly string[] | undefined> {
    const { response, fault } = await session.get(repository, `manifests/${selector}`);
    if (response.status === 404) {
        return undefined;
    }
    if (fault !== undefined) {
        throw fault;
    }
    const lead = cacheLead(response.body);
    if (lead.kind === "manifests") {
        // BuildKit lists the image first, then its attestations.
        const [first] = lead.digests;
        return first === undefined
            ? undefined
            : readLayers(session, { repository, selector: first });
    }
    return asList(asRecord(parseJson(response.body))["layers"]).map((layer) =>
        asText(asRecord(layer)["digest"]),
    );
}
