import { createHash } from "node:crypto";
import { ensureArtifact, ensureTag, setSize } from "../artifactStore";
import { badRequest } from "../core/fault";
import { refuseImmutable } from "../immutableGate";
import { refreshUsage } from "../quotas";
import { ensureRepository } from "../repositoryStore";
import { scanPushed } from "../scans";
import { ArtifactEvent, tellArtifact } from "../webhookEvents";
import { refuseProxy } from "./blobs";
import {
    type Exchange,
    operatorOf,
    originHeaders,
    passBack,
    projectOf,
    readSmall,
    upstreamOf,
} from "./exchange";
import { holdBlob, holdsBlob } from "./heldBlobs";
import { type Manifest, parseManifest } from "./manifest";
import { requireQuota } from "./quotaGate";
import { isDigest, isTag } from "./target";

const manifestBytesMax = 4_194_304;

/** PUT of a manifest: policies, quota, the registry itself, then Harbor's own record of it. */
export async function pushManifest(
    exchange: Exchange,
    repository: string,
    reference: string,
): Promise<void> {
    const { services, incoming, request } = exchange;
    const { store } = services;
    const project = projectOf(services, repository);
    refuseProxy(project);
    if (!isDigest(reference) && !isTag(reference)) {
        throw badRequest(`bad request: invalid tag name: ${reference}`);
    }
    const body = await readSmall(incoming, manifestBytesMax);
    const manifest = parseManifest(body, incoming.headers["content-type"] ?? "");
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (isTag(reference)) {
        refuseImmutable(services, project, repository, reference);
    }
    requireQuota(exchange, project, missingBytes(exchange, project.id, manifest, digest, body));
    const response = await upstreamOf(services).send(
        "PUT",
        request.url.pathname,
        {
            ...originHeaders(exchange),
            "content-type": manifest.mediaType,
            "content-length": body.length,
        },
        body,
    );
    if (response.status !== 201) {
        return passBack(exchange, response);
    }
    const record = ensureRepository(store, project.id, repository);
    const artifact = await ensureArtifact(services, record, manifest, {
        digest,
        reference,
        body,
    });
    store.transaction(() => {
        holdAll(exchange, project.id, manifest, digest, body);
        refreshUsage(store, project.id);
        setSize(store, artifact.id);
        if (isTag(reference)) {
            ensureTag(store, record.id, artifact.id, reference);
        }
    });
    const tag = isTag(reference) ? reference : "";
    tellArtifact(services, ArtifactEvent.Push, artifact, operatorOf(exchange), tag);
    await scanPushed(services, project, artifact);
    const { subjectDigest } = manifest;
    await passBack(
        exchange,
        response,
        subjectDigest === undefined ? {} : { "OCI-Subject": subjectDigest },
    );
}

function descriptors(manifest: Manifest): { digest: string; size: number }[] {
    return [...(manifest.config === undefined ? [] : [manifest.config]), ...manifest.layers];
}

/** Bytes that a push adds to the project: blobs of the manifest, and the manifest itself. */
function missingBytes(
    exchange: Exchange,
    projectId: number,
    manifest: Manifest,
    digest: string,
    body: Buffer,
): number {
    const { store } = exchange.services;
    const needed = new Map(descriptors(manifest).map((one) => [one.digest, one.size]));
    needed.set(digest, body.length);
    let bytes = 0;
    for (const [one, size] of needed) {
        bytes += holdsBlob(store, projectId, one) ? 0 : size;
    }
    return bytes;
}

function holdAll(
    exchange: Exchange,
    projectId: number,
    manifest: Manifest,
    digest: string,
    body: Buffer,
): void {
    const { store } = exchange.services;
    for (const one of descriptors(manifest)) {
        holdBlob(store, projectId, one.digest, one.size);
    }
    holdBlob(store, projectId, digest, body.length);
}
