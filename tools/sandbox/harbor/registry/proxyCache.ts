import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { byDigest, ensureArtifact, ensureTag, setSize } from "../artifactStore";
import { Fault, notFound } from "../core/fault";
import type { Artifact, Project, RemoteRegistry } from "../core/model";
import type { Services } from "../core/services";
import { refreshUsage } from "../quotas";
import { type RemoteResponse, readAll, send } from "../remote";
import { remoteToken } from "../remoteHealth";
import { ensureRepository, findRepository } from "../repositoryStore";
import { type Exchange, upstreamOf } from "./exchange";
import { holdBlob } from "./heldBlobs";
import { type Descriptor, imageTypes, indexTypes, parseManifest } from "./manifest";
import { isDigest } from "./target";

const timeoutMs = 30_000;
const manifestBytesMax = 4_194_304;
const everyType = [...Object.values(imageTypes), ...Object.values(indexTypes)].join(", ");

/** The registry a proxy-cache project mirrors. */
function remoteOf(services: Services, project: Project): RemoteRegistry {
    const registry = services.store.of("registries").get(project.registryId ?? 0);
    if (registry === undefined) {
        throw notFound(`registry ${project.registryId} not found`);
    }
    return registry;
}

/** A repository's name in the other registry: without the project. */
function remoteName(registry: RemoteRegistry, repository: string): string {
    const inside = repository.slice(repository.indexOf("/") + 1);
    const official = registry.type === "docker-hub" && !inside.includes("/");
    return official ? `library/${inside}` : inside;
}

async function ask(
    registry: RemoteRegistry,
    method: string,
    name: string,
    rest: string,
    accept?: string,
): Promise<RemoteResponse> {
    const token = await remoteToken(registry, name);
    const headers = { ...token, ...(accept === undefined ? {} : { accept }) };
    const options = { insecure: registry.insecure, timeoutMs };
    return send(method, `${registry.url}/v2/${name}/${rest}`, headers, options);
}

function local(exchange: Exchange, repository: string, digest: string): Artifact | undefined {
    const { store } = exchange.services;
    const record = findRepository(store, repository);
    return record === undefined ? undefined : byDigest(store, record.id, digest);
}

/**
 * Answers a pull through a proxy-cache project. Returns the artifact's digest when the project
 * already has the other registry's current version; otherwise answers from the other registry and
 * copies the artifact after the answer.
 */
export async function pullThrough(
    exchange: Exchange,
    project: Project,
    repository: string,
    reference: string,
): Promise<string | undefined> {
    if (isDigest(reference) && local(exchange, repository, reference) !== undefined) {
        return reference;
    }
    const { services, outgoing, request } = exchange;
    const registry = remoteOf(services, project);
    const name = remoteName(registry, repository);
    const found = await ask(registry, "HEAD", name, `manifests/${reference}`, everyType);
    found.body.resume();
    if (found.status !== 200) {
        throw notFound(`resource not found: repo ${repository}, tag ${reference} not found`);
    }
    const digest = String(found.headers["docker-content-digest"] ?? "");
    if (local(exchange, repository, digest) !== undefined) {
        return digest;
    }
    const type = String(found.headers["content-type"] ?? "");
    if (request.method === "HEAD") {
        const length = String(found.headers["content-length"] ?? "0");
        const headers = { "Content-Type": type, "Docker-Content-Digest": digest, Etag: digest };
        outgoing.writeHead(200, { ...headers, "Content-Length": length }).end();
        return undefined;
    }
    const manifest = await ask(registry, "GET", name, `manifests/${reference}`, everyType);
    const body = await readAll(manifest.body, manifestBytesMax);
    // Harbor leaves the digest empty here until it has a copy.
    const headers = { "Content-Type": type, "Docker-Content-Digest": "", Etag: "" };
    outgoing.writeHead(200, { ...headers, "Content-Length": body.length }).end(body);
    void copyIn(services, project, registry, repository, reference, body, type).catch(
        (error: unknown) => services.log(`copy of ${repository}:${reference}: ${String(error)}`),
    );
    return undefined;
}

/** Answers a pull of a blob that the project lacks; returns whether it did. */
export async function blobThrough(
    exchange: Exchange,
    project: Project,
    repository: string,
    digest: string,
): Promise<boolean> {
    const path = `/v2/${repository}/blobs/${digest}`;
    const held = await upstreamOf(exchange.services).fetch("HEAD", path);
    if (held.status === 200) {
        return false;
    }
    const registry = remoteOf(exchange.services, project);
    const name = remoteName(registry, repository);
    const response = await ask(registry, exchange.request.method, name, `blobs/${digest}`);
    if (response.status !== 200) {
        response.body.resume();
        throw new Fault(404, "BLOB_UNKNOWN", "blob unknown to registry", { detail: digest });
    }
    const { "content-type": type, "content-length": length } = response.headers;
    exchange.outgoing.writeHead(200, {
        "Content-Type": type ?? "application/octet-stream",
        "Docker-Content-Digest": digest,
        ...(length === undefined ? {} : { "Content-Length": length }),
    });
    await pipeline(response.body, exchange.outgoing);
    return true;
}

/** Stores what was pulled, so that the next pull does not need the other registry. */
async function copyIn(
    services: Services,
    project: Project,
    registry: RemoteRegistry,
    repository: string,
    reference: string,
    body: Buffer,
    type: string,
): Promise<void> {
    const manifest = parseManifest(body, type);
    const record = findRepository(services.store, repository);
    const complete = manifest.children.every(
        (child) => record !== undefined && byDigest(services.store, record.id, child.digest),
    );
    if (!complete) {
        return; // An index is stored after its children are pulled as separate manifests.
    }
    const { config } = manifest;
    const blobs = [...(config === undefined ? [] : [config]), ...manifest.layers];
    for (const blob of blobs) {
        await copyBlob(services, registry, repository, blob);
    }
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    const headers = { "content-type": type, "content-length": body.length };
    const path = `/v2/${repository}/manifests/${digest}`;
    const stored = await upstreamOf(services).fetch("PUT", path, headers, body);
    if (stored.status !== 201 || services.isClosed()) {
        throw new Error(`the registry answered ${stored.status}`);
    }
    const { store } = services;
    const target = ensureRepository(store, project.id, repository);
    const artifact = await ensureArtifact(services, target, manifest, {
        digest,
        reference: digest,
        body,
    });
    store.transaction(() => {
        for (const blob of blobs) {
            holdBlob(store, project.id, blob.digest, blob.size);
        }
        holdBlob(store, project.id, digest, body.length);
        refreshUsage(store, project.id);
        setSize(store, artifact.id);
        if (!isDigest(reference)) {
            ensureTag(store, target.id, artifact.id, reference);
        }
    });
}

async function copyBlob(
    services: Services,
    registry: RemoteRegistry,
    repository: string,
    blob: Descriptor,
): Promise<void> {
    const upstream = upstreamOf(services);
    const held = await upstream.fetch("HEAD", `/v2/${repository}/blobs/${blob.digest}`);
    if (held.status === 200) {
        return;
    }
    const name = remoteName(registry, repository);
    const source = await ask(registry, "GET", name, `blobs/${blob.digest}`);
    if (source.status !== 200) {
        throw new Error(`${registry.url} answered ${source.status} for ${blob.digest}`);
    }
    const begin = `/v2/${repository}/blobs/uploads/`;
    const upload = await upstream.fetch("POST", begin, { "content-length": 0 });
    const { pathname, search } = new URL(upload.headers.location ?? "", "http://registry");
    const path = `${pathname}${search}&digest=${encodeURIComponent(blob.digest)}`;
    const headers = {
        host: "registry",
        "content-type": "application/octet-stream",
        "content-length": blob.size,
    };
    const response = await upstream.send("PUT", path, headers, source.body);
    response.body.resume();
    if (response.status !== 201) {
        throw new Error(`the registry answered ${response.status} for ${blob.digest}`);
    }
}
