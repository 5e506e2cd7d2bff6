import { Fault, notFound } from "./core/fault";
import { type Artifact, now, type Repository, type Tag, zeroTime } from "./core/model";
import type { Services } from "./core/services";
import type { Store } from "./core/store";
import { refreshUsage } from "./quotas";
import { upstreamOf } from "./registry/exchange";
import { imageTypes, type Manifest } from "./registry/manifest";
import { isDigest } from "./registry/target";
import { findRepository, touchRepository } from "./repositoryStore";

const imageConfigs = new Set([
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
]);
/** Other artifacts are named after their config's media type, if it follows Harbor's pattern. */
const typePattern = /^application\/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json$/;

function typeOf(manifest: Manifest): string {
    const config = manifest.config?.mediaType;
    if (config === undefined || imageConfigs.has(config)) {
        return "IMAGE";
    }
    return typePattern.exec(config)?.[1]?.toUpperCase() ?? "UNKNOWN";
}

/** Types of accessories by media type: src/server/middleware/subject/subject.go. */
const accessoryTypes: Readonly<Record<string, string>> = {
    "application/vnd.cncf.notary.signature": "signature.notation",
    "application/vnd.dev.cosign.artifact.sig.v1+json": "signature.cosign",
    "application/vnd.dev.sigstore.bundle.v0.3+json": "signature.cosign",
    "application/vnd.goharbor.harbor.sbom.v1": "sbom.harbor",
};
const cosignLayer = "application/vnd.dev.cosign.simplesigning.v1+json";

type Accessory = Pick<Artifact, "subjectDigest" | "accessoryType">;

/** What a manifest is attached to: its subject, or the image that cosign's older tag names. */
function accessoryOf(manifest: Manifest, reference: string): Accessory {
    const { subjectDigest, layers } = manifest;
    const signed = /^sha256-([0-9a-f]{64})\.sig$/.exec(reference)?.[1];
    if (signed !== undefined && layers.some(({ mediaType }) => mediaType === cosignLayer)) {
        return { subjectDigest: `sha256:${signed}`, accessoryType: "signature.cosign" };
    }
    const type = manifest.artifactType ?? manifest.config?.mediaType ?? "";
    const accessoryType =
        subjectDigest === undefined ? undefined : (accessoryTypes[type] ?? "subject.accessory");
    return { subjectDigest, accessoryType };
}

/** The part of an image's configuration that Harbor shows. */
async function readConfig(
    services: Services,
    repository: string,
    manifest: Manifest,
): Promise<Pick<Artifact, "extraAttrs" | "history">> {
    const { config } = manifest;
    if (config === undefined || !imageConfigs.has(config.mediaType)) {
        return { extraAttrs: undefined, history: [] };
    }
    const path = `/v2/${repository}/blobs/${config.digest}`;
    const { status, text } = await upstreamOf(services).fetch("GET", path);
    const content: unknown = status === 200 ? JSON.parse(text) : {};
    const given = new Map(Object.entries(content ?? {}));
    const history: unknown = given.get("history");
    return {
        extraAttrs: {
            architecture: given.get("architecture") ?? "",
            author: given.get("author") ?? "",
            config: given.get("config") ?? null,
            created: given.get("created") ?? null,
            os: given.get("os") ?? "",
        },
        history: Array.isArray(history) ? history : [],
    };
}

/** A manifest in the registry. */
interface StoredManifest {
    readonly digest: string;
    /** The tag or digest of its push. */
    readonly reference: string;
    readonly body: Buffer;
}

/** The artifact for a stored manifest; an existing one stays unchanged. */
export async function ensureArtifact(
    services: Services,
    repository: Repository,
    manifest: Manifest,
    { digest, reference, body }: StoredManifest,
): Promise<Artifact> {
    const { store } = services;
    const known = byDigest(store, repository.id, digest);
    if (known !== undefined) {
        return known;
    }
    // Harbor accepts an index only if its children are artifacts; BuildKit's old cache form names
    // layers.
    for (const child of manifest.children) {
        if (byDigest(store, repository.id, child.digest) === undefined) {
            throw notFound(`artifact ${repository.name}@${child.digest} not found`);
        }
    }
    const { config } = manifest;
    const details = await readConfig(services, repository.name, manifest);
    return store.of("artifacts").put({
        id: store.nextId("artifacts"),
        projectId: repository.projectId,
        repositoryId: repository.id,
        digest,
        type: typeOf(manifest),
        size: body.length,
        manifestSize: body.length,
        mediaType: config?.mediaType ?? manifest.mediaType,
        manifestMediaType: manifest.mediaType,
        artifactType: manifest.artifactType ?? config?.mediaType ?? "",
        annotations: manifest.annotations,
        ...details,
        children: manifest.children,
        blobs: [
            digest,
            ...(config === undefined ? [] : [config.digest]),
            ...manifest.layers.map((l) => l.digest),
        ],
        ...accessoryOf(manifest, reference),
        labelIds: [],
        pushed: now(),
        pulled: zeroTime,
    });
}

/** Sets an artifact's size: the sum of manifest, blobs and children. */
export function setSize(store: Store, id: number): void {
    const artifact = store.of("artifacts").get(id);
    if (artifact === undefined) {
        return;
    }
    let size = 0;
    for (const digest of artifact.blobs) {
        size += store.of("blobs").get(digest)?.size ?? 0;
    }
    for (const child of artifact.children) {
        size += byDigest(store, artifact.repositoryId, child.digest)?.size ?? 0;
    }
    store.of("artifacts").update(id, { size });
}

export const byDigest = (
    store: Store,
    repositoryId: number,
    digest: string,
): Artifact | undefined =>
    store.of("artifacts").find((a) => a.repositoryId === repositoryId && a.digest === digest);

export const tagsOf = (store: Store, artifactId: number): Tag[] =>
    store
        .of("tags")
        .filter((tag) => tag.artifactId === artifactId)
        .sort((a, b) => b.pushed.localeCompare(a.pushed) || b.id - a.id);

/** Points a tag to an artifact. A moved tag leaves its old artifact untagged. */
export function ensureTag(
    store: Store,
    repositoryId: number,
    artifactId: number,
    name: string,
): void {
    const found = store.of("tags").find((t) => t.repositoryId === repositoryId && t.name === name);
    const pushed = now();
    if (found === undefined) {
        const id = store.nextId("tags");
        store.of("tags").put({ id, repositoryId, artifactId, name, pushed, pulled: zeroTime });
    } else {
        store.of("tags").update(found.id, { artifactId, pushed });
    }
    touchRepository(store, repositoryId);
}

/** An artifact by tag or digest; as in Harbor, the message for a missing repository differs. */
export function resolveArtifact(store: Store, repository: string, reference: string): Artifact {
    const record = findRepository(store, repository);
    if (record === undefined) {
        throw notFound(`repository ${repository} not found`);
    }
    const artifact = lookUp(store, record.id, reference);
    if (artifact === undefined) {
        const separator = isDigest(reference) ? "@" : ":";
        throw notFound(`artifact ${repository}${separator}${reference} not found`);
    }
    return artifact;
}

function lookUp(store: Store, repositoryId: number, reference: string): Artifact | undefined {
    if (isDigest(reference)) {
        return byDigest(store, repositoryId, reference);
    }
    const tag = store
        .of("tags")
        .find((t) => t.repositoryId === repositoryId && t.name === reference);
    return tag === undefined ? undefined : store.of("artifacts").get(tag.artifactId);
}

/** The index artifacts of which an artifact is a child. */
export const parentsOf = (store: Store, artifact: Artifact): Artifact[] =>
    store
        .of("artifacts")
        .filter(
            (other) =>
                other.repositoryId === artifact.repositoryId &&
                other.children.some((child) => child.digest === artifact.digest),
        );

export const accessoriesOf = (
    store: Store,
    artifact: Pick<Artifact, "repositoryId" | "digest">,
): Artifact[] =>
    store
        .of("artifacts")
        .filter(
            (other) =>
                other.repositoryId === artifact.repositoryId &&
                other.subjectDigest === artifact.digest,
        );

/**
 * Deletes an artifact with its tags, its accessories and the children that no other artifact needs.
 */
export function removeArtifact(store: Store, artifact: Artifact): void {
    if (parentsOf(store, artifact).length > 0) {
        throw new Fault(
            412,
            "VIOLATE_FOREIGN_KEY_CONSTRAINT",
            "the deleting artifact is referenced by others",
        );
    }
    store.transaction(() => {
        const freed = new Set<string>();
        removeDeeply(store, artifact, freed);
        dropBlobs(store, artifact.projectId, freed);
        refreshUsage(store, artifact.projectId);
        touchRepository(store, artifact.repositoryId);
    });
}

function removeDeeply(store: Store, artifact: Artifact, freed: Set<string>): void {
    for (const digest of artifact.blobs) {
        freed.add(digest);
    }
    store.of("tags").removeWhere((tag) => tag.artifactId === artifact.id);
    store.of("artifacts").remove(artifact.id);
    for (const accessory of accessoriesOf(store, artifact)) {
        removeDeeply(store, accessory, freed);
    }
    for (const { digest } of artifact.children) {
        const child = byDigest(store, artifact.repositoryId, digest);
        const needed =
            child === undefined ||
            parentsOf(store, child).length > 0 ||
            tagsOf(store, child.id).length > 0;
        if (!needed) {
            removeDeeply(store, child, freed);
        }
    }
}

/** Removes blobs that no artifact of the project needs from its quota. */
function dropBlobs(store: Store, projectId: number, freed: ReadonlySet<string>): void {
    const needed = new Set(
        store
            .of("artifacts")
            .filter((artifact) => artifact.projectId === projectId)
            .flatMap((artifact) => artifact.blobs),
    );
    for (const digest of freed) {
        if (!needed.has(digest)) {
            store.of("projectBlobs").remove(`${projectId}:${digest}`);
        }
    }
}

export const isImage = (artifact: Artifact): boolean =>
    artifact.type === "IMAGE" && Object.values(imageTypes).includes(artifact.manifestMediaType);
