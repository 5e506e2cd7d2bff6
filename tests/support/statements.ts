import assert from "node:assert/strict";
import { pull, type RegistryAccess } from "./registry";

/** A signed statement about an image, as a registry has it. */
export interface AttachedStatement {
    readonly predicateType: string;
    readonly predicate: Readonly<Record<string, unknown>>;
    /** The whole text that was signed. */
    readonly payload: string;
}

/** Reads the statements in a repository, by the digests of their manifests. */
export async function readStatements(
    access: RegistryAccess,
    repository: string,
    digests: readonly string[],
): Promise<readonly AttachedStatement[]> {
    return Promise.all(
        digests.map(async (digest) => {
            const manifest = await pull(access, repository, `manifests/${digest}`);
            const [layer] = JSON.parse(manifest.body.toString("utf8")).layers;
            const bundle = await pull(access, repository, `blobs/${layer.digest}`);
            assert.equal(bundle.status, 200);
            const { dsseEnvelope } = JSON.parse(bundle.body.toString("utf8"));
            const payload = Buffer.from(dsseEnvelope.payload, "base64").toString("utf8");
            const { predicateType, predicate } = JSON.parse(payload);
            return { predicateType, predicate, payload };
        }),
    );
}
