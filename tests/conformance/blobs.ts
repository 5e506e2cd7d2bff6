import { createHash } from "node:crypto";
import type { RecordedBlob } from "./recording";

export const digestOf = (content: Buffer): string =>
    `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** The configuration of every image of the recordings, except the layer's digest. */
function configText(diffId: string): string {
    return JSON.stringify({
        architecture: "amd64",
        os: "linux",
        created: "2024-01-01T00:00:00Z",
        config: { Cmd: ["/data.txt"], Labels: { lab: "1" } },
        rootfs: { type: "layers", diff_ids: [diffId] },
        history: [{ created: "2024-01-01T00:00:00Z", created_by: "COPY data.txt /" }],
    });
}

/** Content that replaces an unrecorded blob: of the same length, and different for every digest. */
function standIn(digest: string, blob: RecordedBlob): Buffer {
    if (blob.text !== undefined) {
        return Buffer.from(blob.text);
    }
    if (blob.config === true) {
        const full = configText(digestOf(Buffer.from(digest)));
        const text = full.length <= blob.bytes ? full : JSON.stringify({ os: "linux", of: digest });
        return Buffer.from(text.padEnd(blob.bytes));
    }
    return Buffer.alloc(blob.bytes, createHash("sha256").update(digest).digest());
}

/** Blobs and manifests by their recorded digests, with their digests in this run. */
export class Contents {
    readonly #blobs = new Map<string, Buffer>();
    readonly #digests = new Map<string, string>();

    constructor(blobs: Readonly<Record<string, RecordedBlob>>) {
        for (const [digest, blob] of Object.entries(blobs)) {
            const content = standIn(digest, blob);
            this.#blobs.set(digest, content);
            this.#digests.set(digest, digestOf(content));
        }
    }

    blob(recordedDigest: string): Buffer {
        const content = this.#blobs.get(recordedDigest);
        if (content === undefined) {
            throw new Error(`the recording describes no blob ${recordedDigest}`);
        }
        return content;
    }

    /** Records the digest of this run for a recorded digest. */
    rename(recordedDigest: string, digest: string): void {
        this.#digests.set(recordedDigest, digest);
    }

    /** Replaces recorded digests in a text by those of this run. */
    in(text: string): string {
        return text.replaceAll(
            /sha256(:|%3A)([0-9a-f]{64})/g,
            (whole, colon: string, hex: string) => {
                const known = this.#digests.get(`sha256:${hex}`);
                return known === undefined ? whole : known.replace(":", colon);
            },
        );
    }

    /** A recorded manifest as this run sends it. Records the digest of the manifest. */
    manifest(text: string): Buffer {
        const content = Buffer.from(this.in(text));
        this.#digests.set(digestOf(Buffer.from(text)), digestOf(content));
        return content;
    }
}
