import { createHash } from "node:crypto";
import type { Reply, TestHarbor } from "./testHarbor";

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const ociIndex = "application/vnd.oci.image.index.v1+json";

export const digestOf = (content: string | Buffer): string =>
    `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Uploads a blob; answers what the last request answered. */
export async function pushBlob(
    harbor: TestHarbor,
    repository: string,
    content: string,
): Promise<Reply> {
    const begun = await harbor.send("POST", `/v2/${repository}/blobs/uploads/`, { as: "admin" });
    if (begun.status !== 202) {
        return begun;
    }
    const location = new URL(begun.headers.get("location") ?? "");
    location.searchParams.set("digest", digestOf(content));
    return harbor.send("PUT", `${location.pathname}${location.search}`, {
        as: "admin",
        body: content,
        headers: { "content-type": "application/octet-stream" },
    });
}

export async function pushManifest(
    harbor: TestHarbor,
    repository: string,
    reference: string,
    manifest: object,
    type = ociManifest,
): Promise<Reply & { readonly digest: string }> {
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, ...manifest });
    const path = `/v2/${repository}/manifests/${reference === "" ? digestOf(body) : reference}`;
    const sent = { as: "admin", body, headers: { "content-type": type } };
    return { ...(await harbor.send("PUT", path, sent)), digest: digestOf(body) };
}

/** Pushes an image of one small layer. An empty tag pushes by digest. */
export async function pushImage(
    harbor: TestHarbor,
    repository: string,
    tag: string,
    layer: string,
    more: object = {},
): Promise<Reply & { readonly digest: string }> {
    const config = JSON.stringify({ architecture: "amd64", os: "linux", config: {} });
    await pushBlob(harbor, repository, layer);
    await pushBlob(harbor, repository, config);
    return pushManifest(harbor, repository, tag, {
        config: {
            mediaType: "application/vnd.oci.image.config.v1+json",
            digest: digestOf(config),
            size: config.length,
        },
        layers: [
            {
                mediaType: "application/vnd.oci.image.layer.v1.tar",
                digest: digestOf(layer),
                size: layer.length,
            },
        ],
        ...more,
    });
}

export const pushIndex = (
    harbor: TestHarbor,
    repository: string,
    tag: string,
    digests: readonly string[],
): ReturnType<typeof pushManifest> =>
    pushManifest(
        harbor,
        repository,
        tag,
        { manifests: digests.map((digest) => ({ mediaType: ociManifest, digest, size: 1 })) },
        ociIndex,
    );

interface ListedArtifact {
    readonly digest: string;
    readonly type: string;
    readonly tags: readonly { readonly name: string }[] | null;
}

/** The artifacts Harbor lists, newest first, each with its tags' names. */
export async function listArtifacts(
    harbor: TestHarbor,
    project: string,
    repository: string,
): Promise<{ digest: string; type: string; tags: string[] }[]> {
    const path = `/projects/${project}/repositories/${repository}/artifacts`;
    const { json } = await harbor.api("GET", path);
    return (json as ListedArtifact[]).map(({ digest, type, tags }) => ({
        digest,
        type,
        tags: (tags ?? []).map((tag) => tag.name),
    }));
}
