import type { CacheLayer, CacheRecord, CacheRecords } from "../cache/records";
import { asList, asRecord, asRecords, asText, parseJson } from "../text/lenientJson";
import { digestOf } from "./content";
import { locate } from "./location";
import { cacheConfigType, imageType, inlineCacheKey } from "./manifest";
import type { Registries } from "./registries";
import type { RegistryAnswer, RegistrySession } from "./session";
import { signCacheAt, trustedReference } from "./signedCaches";

/** A cache in a registry, with the descriptors of its blobs from the manifest. */
export interface StoredCache {
    readonly cache: CacheRecords;
    /** OCI descriptors of the layers, by digest. */
    readonly blobs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Annotations that BuildKit puts on a cache's layers (buildkit 0.31.1, cache/remotecache/v1/utils.go). */
const uncompressedKey = "containerd.io/uncompressed";
const createdKey = "buildkit/createdat";

/**
 * Reads a cache of either form: a cache manifest, or an image's inline cache.
 *
 * @returns undefined for none.
 * @throws RequestError when the cache cannot be read, SyntaxError when the answer is not JSON.
 */
export async function readStoredCache(
    session: RegistrySession,
    repository: string,
    selector: string,
): Promise<StoredCache | undefined> {
    const found = await session.get(repository, `manifests/${selector}`);
    if (found.response.status === 404) {
        return undefined;
    }
    const manifest = parse(bodyOf(found));
    const { digest } = asRecord(manifest["config"]);
    const layers = asRecords(manifest["layers"]);
    if (typeof digest !== "string") {
        return undefined;
    }
    const config = parse(bodyOf(await session.get(repository, `blobs/${digest}`)));
    return asRecord(manifest["config"])["mediaType"] === cacheConfigType
        ? { cache: readConfig(config), blobs: byDigest(layers) }
        : readInline(config, layers);
}

/**
 * Writes a cache as a cache manifest. The layers must be in the repository.
 *
 * @returns the digest of the manifest.
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function writeStoredCache(
    session: RegistrySession,
    repository: string,
    tag: string,
    { cache, blobs }: StoredCache,
): Promise<string> {
    const config = JSON.stringify({ layers: cache.layers, records: cache.records.map(written) });
    const layers = [...new Set(cache.layers.map(({ blob }) => blob))];
    const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: imageType,
        config: {
            mediaType: cacheConfigType,
            digest: digestOf(config),
            size: Buffer.byteLength(config),
        },
        layers: layers.flatMap((blob) => blobs.get(blob) ?? []),
    });
    await session.putBlob(repository, config, digestOf(config));
    await session.put(repository, `manifests/${tag}`, manifest, imageType);
    return digestOf(manifest);
}

/**
 * Reads the cache under a reference, if it counts; see {@link readStoredCache}.
 *
 * @returns undefined for none.
 */
export async function readCacheAt(
    registries: Registries,
    reference: string,
): Promise<StoredCache | undefined> {
    const counted = await trustedReference(registries, reference);
    return counted === undefined ? undefined : readKnownCache(registries, counted);
}

/** Reads the cache under a reference whose digest the caller knows from its writer. */
export function readKnownCache(
    registries: Registries,
    reference: string,
): Promise<StoredCache | undefined> {
    const place = locate(reference);
    return registries.ask(place, (session) =>
        readStoredCache(session, place.repository, place.selector),
    );
}

/** Writes a cache under a reference, and signs it; see {@link writeStoredCache}. */
export async function writeCacheAt(
    registries: Registries,
    reference: string,
    stored: StoredCache,
): Promise<void> {
    const place = locate(reference);
    const digest = await registries.ask(place, (session) =>
        writeStoredCache(session, place.repository, place.selector, stored),
    );
    await signCacheAt(registries, reference, digest);
}

function bodyOf({ response, fault }: RegistryAnswer): string {
    if (fault !== undefined) {
        throw fault;
    }
    return response.body;
}

const parse = (body: string): Readonly<Record<string, unknown>> => asRecord(parseJson(body));

function byDigest(layers: readonly Readonly<Record<string, unknown>>[]): StoredCache["blobs"] {
    return new Map(layers.map((layer) => [asText(layer["digest"]), layer]));
}

function readConfig(config: Readonly<Record<string, unknown>>): CacheRecords {
    return {
        layers: asRecords(config["layers"]).map(readLayer),
        records: asRecords(config["records"]).map(readRecord),
    };
}

/** Reads an inline cache: each layer's parent is the layer below, and the config describes the layers. */
function readInline(
    config: Readonly<Record<string, unknown>>,
    layers: readonly Readonly<Record<string, unknown>>[],
): StoredCache | undefined {
    const encoded = config[inlineCacheKey];
    const uncompressed = asList(asRecord(config["rootfs"])["diff_ids"]);
    if (typeof encoded !== "string" || uncompressed.length !== layers.length) {
        return undefined;
    }
    const created = asRecords(config["history"])
        .filter((entry) => entry["empty_layer"] !== true)
        .map((entry) => entry["created"]);
    const records: unknown = parseJson(Buffer.from(encoded, "base64").toString("utf8"));
    return {
        cache: {
            layers: layers.map(({ digest }, index) => ({
                blob: asText(digest),
                parent: index - 1,
            })),
            records: asRecords(records).map(readRecord),
        },
        blobs: byDigest(
            layers.map((layer, index) => ({
                ...layer,
                annotations: {
                    ...asRecord(layer["annotations"]),
                    [uncompressedKey]: uncompressed[index],
                    ...(created[index] === undefined ? {} : { [createdKey]: created[index] }),
                },
            })),
        ),
    };
}

// A missing number is 0: Go omits zeros.
const number = (value: unknown): number => (typeof value === "number" ? value : 0);

function readLayer(layer: Readonly<Record<string, unknown>>): CacheLayer {
    return { blob: asText(layer["blob"]), parent: number(layer["parent"]) };
}

function readRecord(entry: Readonly<Record<string, unknown>>): CacheRecord {
    return {
        digest: asText(entry["digest"]),
        inputs: asList(entry["inputs"]).map((links) =>
            asRecords(links).map(({ link, selector }) => ({
                link: number(link),
                selector: asText(selector),
            })),
        ),
        layers: asRecords(entry["layers"]).map(({ layer, createdAt }) => ({
            layer: number(layer),
            createdAt: asText(createdAt),
        })),
        chains: asRecords(entry["chains"]).map(({ layers, createdAt }) => ({
            layers: asList(layers).map(number),
            createdAt: asText(createdAt),
        })),
    };
}

/** A record without empty members, as BuildKit writes it. */
function written({ digest, inputs, layers, chains }: CacheRecord): object {
    return {
        digest,
        ...(inputs.length === 0
            ? {}
            : {
                  inputs: inputs.map((links) =>
                      links.map(({ link, selector }) =>
                          selector === "" ? { link } : { link, selector },
                      ),
                  ),
              }),
        ...(layers.length === 0 ? {} : { layers }),
        ...(chains.length === 0 ? {} : { chains }),
    };
}
