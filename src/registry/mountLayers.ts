import { locate } from "./location";
import type { Registries } from "./registries";
import { type StoredCache, writeCacheAt } from "./storedCache";

/** A cache in a registry, and where it is. */
interface PlacedCache {
    readonly reference: string;
    readonly stored: StoredCache | undefined;
}

/**
 * Writes a cache, after it made the layers available in the cache's repository, where BuildKit looks
 * for them: the registry links those of other repositories, without moving data. If it refuses,
 * uploads them.
 *
 * @param sources the caches that the layers come from; those in the repository of `into` need no link
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function writeGathered(
    registries: Registries,
    into: string,
    stored: StoredCache,
    sources: readonly PlacedCache[],
): Promise<void> {
    const moves = movesInto(into, stored, sources);
    const refused = moves.length === 0 ? [] : await mountLayers(registries, into, moves);
    if (refused.length === 0) {
        return writeCacheAt(registries, into, stored);
    }
    const patient = registries.patient();
    try {
        await uploadLayers(patient, into, refused);
        await writeCacheAt(patient, into, stored);
    } finally {
        patient.close();
    }
}

/** A layer that another repository has. */
interface Move {
    readonly digest: string;
    readonly from: string;
}

function movesInto(
    into: string,
    { cache: { layers } }: StoredCache,
    sources: readonly PlacedCache[],
): readonly Move[] {
    const target = locate(into).repository;
    return [...new Set(layers.map(({ blob }) => blob))].flatMap((digest) => {
        const places = sources
            .filter(({ stored }) => stored?.blobs.has(digest))
            .map(({ reference }) => locate(reference).repository);
        const [from] = places;
        return from === undefined || places.includes(target) ? [] : [{ digest, from }];
    });
}

/** Has the registry link layers. @returns those that it does not link. */
function mountLayers(
    registries: Registries,
    into: string,
    moves: readonly Move[],
): Promise<readonly Move[]> {
    const target = locate(into);
    return registries.ask(target, async (session) => {
        const mounted = await Promise.all(
            moves.map(({ digest, from }) => session.mountBlob(target.repository, digest, from)),
        );
        return moves.filter((_, index) => !mounted[index]);
    });
}

function uploadLayers(registries: Registries, into: string, moves: readonly Move[]): Promise<void> {
    const target = locate(into);
    return registries.ask(target, async (session) => {
        for (const { digest, from } of moves) {
            await session.copyBlob(target.repository, digest, from);
        }
    });
}
