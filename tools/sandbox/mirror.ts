import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDaemon, isUpToDate, stopDaemon } from "./daemon";
import { writeAtomically } from "./files";
import { type ImageParts, imagesKey, pushBaseImages } from "./images/baseImages";
import type { Places } from "./places";
import { mirrorRegistry, mirrorWriter, mirrorWriterSocket } from "./registries";
import type { State } from "./state";

const hubTimeoutMs = 5_000;

/** Whether this machine reaches Docker Hub and needs no mirror. */
export async function reachesDockerHub(): Promise<boolean> {
    try {
        const signal = AbortSignal.timeout(hubTimeoutMs);
        const response = await fetch("https://registry-1.docker.io/v2/", { signal });
        const challenge = response.headers.get("www-authenticate") ?? "";
        return response.status === 401 && challenge.includes("auth.docker.io");
    } catch {
        return false;
    }
}

/** Runs the mirror with base images of these parts; builds missing ones. */
export async function ensureMirror(
    places: Places,
    state: State,
    registry: string,
    parts: ImageParts,
): Promise<void> {
    const note = join(places.dataDir, "base-images.json");
    const key = imagesKey(parts);
    if (!existsSync(note) || keyIn(note) !== key) {
        await stopDaemon(places, "mirror"); // Two registries on one storage would not see each other's changes.
        await ensureDaemon(places, mirrorWriter(places, state, registry));
        try {
            const digests = await pushBaseImages(parts, mirrorWriterSocket(places));
            writeAtomically(note, JSON.stringify({ key, digests }, undefined, 4));
        } finally {
            await stopDaemon(places, "mirror-writer");
        }
    }
    const daemon = mirrorRegistry(places, state, registry);
    if (!isUpToDate(places, daemon)) {
        await ensureDaemon(places, daemon);
    }
}

function keyIn(file: string): string | undefined {
    // Only ensureMirror writes the file, atomically.
    return (JSON.parse(readFileSync(file, "utf8")) as { key?: string }).key;
}
