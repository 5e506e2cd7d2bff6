import { accessoriesOf, tagsOf } from "../artifactStore";
import { badRequest, notFound } from "../core/fault";
import type { Artifact } from "../core/model";
import { findRepository } from "../repositoryStore";
import type { Exchange } from "./exchange";
import { indexTypes } from "./manifest";
import { isDigest } from "./target";

function send(exchange: Exchange, body: object, headers: Record<string, string> = {}): void {
    const text = `${JSON.stringify(body)}\n`;
    exchange.outgoing.writeHead(200, {
        "Content-Type": "application/json",
        "Docker-Distribution-Api-Version": "registry/2.0",
        ...headers,
        "Content-Length": Buffer.byteLength(text),
    });
    exchange.outgoing.end(exchange.request.method === "HEAD" ? undefined : text);
}

/** A page of names by the registry protocol's `n` and `last`, with the path of the next page. */
function cut(
    exchange: Exchange,
    names: readonly string[],
): { page: readonly string[]; headers: Record<string, string> } {
    const { url } = exchange.request;
    const n = url.searchParams.get("n");
    const last = url.searchParams.get("last") ?? "";
    if (n !== null && !/^\d+$/.test(n)) {
        throw badRequest("the N must be a positive int type");
    }
    const rest = [...names].sort().filter((name) => last === "" || name > last);
    const size = n === null ? rest.length : Number(n);
    const page = rest.slice(0, size);
    const end = page.at(-1);
    if (end === undefined || rest.length <= size) {
        return { page, headers: {} };
    }
    const next = `${url.pathname}?last=${encodeURIComponent(end)}&n=${size}`;
    return { page, headers: { Link: `<${next}>; rel="next"` } };
}

export function listTags(exchange: Exchange, repository: string): void {
    const { store } = exchange.services;
    const record = findRepository(store, repository);
    const artifacts = store.of("artifacts").filter((one) => one.repositoryId === record?.id);
    if (record === undefined || artifacts.length === 0) {
        throw notFound(`repository ${repository} not found`);
    }
    const names = artifacts.flatMap((one) => tagsOf(store, one.id)).map((tag) => tag.name);
    const { page, headers } = cut(exchange, names);
    send(exchange, { name: repository, tags: page }, headers);
}

export function listCatalog(exchange: Exchange): void {
    const { store } = exchange.services;
    const filled = store
        .of("repositories")
        .filter(({ id }) => store.of("artifacts").find((a) => a.repositoryId === id) !== undefined);
    const { page, headers } = cut(
        exchange,
        filled.map((repository) => repository.name),
    );
    send(exchange, { repositories: page }, headers);
}

function referrer(artifact: Artifact): object {
    return {
        mediaType: artifact.manifestMediaType,
        digest: artifact.digest,
        size: artifact.manifestSize,
        ...(artifact.annotations === undefined ? {} : { annotations: artifact.annotations }),
        artifactType: artifact.artifactType,
    };
}

export function listReferrers(exchange: Exchange, repository: string, digest: string): void {
    const { services, request } = exchange;
    if (!isDigest(digest)) {
        throw badRequest(`unsupported digest ${digest}: invalid checksum digest format`);
    }
    const record = findRepository(services.store, repository);
    // The subject itself may come later.
    const all =
        record === undefined
            ? []
            : accessoriesOf(services.store, { repositoryId: record.id, digest });
    const type = request.url.searchParams.get("artifactType");
    const shown = type === null ? all : all.filter((one) => one.artifactType === type);
    const headers = {
        "Content-Type": indexTypes.oci,
        "X-Total-Count": String(all.length),
        ...(type === null ? {} : { "Oci-Filters-Applied": "artifactType" }),
    };
    const manifests = shown.map(referrer);
    send(exchange, { schemaVersion: 2, mediaType: indexTypes.oci, manifests }, headers);
}
