import { denied } from "../core/fault";
import type { Project } from "../core/model";
import { refreshUsage } from "../quotas";
import { mountSource } from "./authorize";
import { type Exchange, forward, passBack, projectOf } from "./exchange";
import { holdBlob, holdsBlob } from "./heldBlobs";
import { blobThrough } from "./proxyCache";
import { requireQuota } from "./quotaGate";

/** Bytes of upload sessions that the registry has confirmed. */
const sentBytes = new Map<string, number>();

/** Refuses pushes into a project that mirrors another registry. */
export function refuseProxy(project: Project): void {
    if (project.registryId !== undefined) {
        throw denied(`denied: can not push artifact to a proxy project: ${project.name}`);
    }
}

/** GET, HEAD and DELETE of a blob. */
export async function handleBlob(
    exchange: Exchange,
    repository: string,
    digest: string,
): Promise<void> {
    const project = projectOf(exchange.services, repository);
    const reads = exchange.request.method !== "DELETE";
    if (project.registryId !== undefined && reads) {
        if (await blobThrough(exchange, project, repository, digest)) {
            return;
        }
    }
    await passBack(exchange, await forward(exchange));
}

/** POST: begins an upload, or mounts a blob of another repository. */
export async function startUpload(exchange: Exchange, repository: string): Promise<void> {
    const { store } = exchange.services;
    const project = projectOf(exchange.services, repository);
    refuseProxy(project);
    const digest = exchange.request.url.searchParams.get("mount") ?? "";
    const source = mountSource({ kind: "uploads", repository }, exchange.request);
    const size = store.of("blobs").get(digest)?.size ?? 0;
    if (source !== undefined && !holdsBlob(store, project.id, digest)) {
        requireQuota(exchange, project, size);
    }
    const response = await forward(exchange);
    if (response.status === 201 && source !== undefined) {
        store.transaction(() => {
            holdBlob(store, project.id, digest, size);
            refreshUsage(store, project.id);
        });
    }
    await passBack(exchange, response);
}

/** GET, PATCH, PUT and DELETE of an upload session. */
export async function handleUpload(
    exchange: Exchange,
    repository: string,
    session: string,
): Promise<void> {
    const { method, url } = exchange.request;
    const { store } = exchange.services;
    const project = projectOf(exchange.services, repository);
    if (method !== "PUT") {
        const response = await forward(exchange);
        const end = /^0-(\d+)$/.exec(response.headers["range"] ?? "")?.[1];
        if (method === "PATCH" && response.status === 202 && end !== undefined) {
            sentBytes.set(session, Number(end) + 1);
        }
        if (method === "DELETE") {
            sentBytes.delete(session);
        }
        return passBack(exchange, response);
    }
    refuseProxy(project);
    const digest = url.searchParams.get("digest") ?? "";
    const size =
        (sentBytes.get(session) ?? 0) + Number(exchange.incoming.headers["content-length"] ?? 0);
    if (!holdsBlob(store, project.id, digest)) {
        requireQuota(exchange, project, size);
    }
    const response = await forward(exchange);
    if (response.status === 201) {
        sentBytes.delete(session);
        store.transaction(() => {
            holdBlob(store, project.id, digest, size);
            refreshUsage(store, project.id);
        });
    }
    await passBack(exchange, response);
}
