import { byDigest, ensureTag, resolveArtifact, tagsOf } from "./artifactStore";
import type { Call, Reply } from "./core/api";
import { badRequest, Fault, forbidden } from "./core/fault";
import { type Artifact, now, type Project, zeroTime } from "./core/model";
import { may } from "./core/policy";
import { refreshUsage, requireRoom } from "./quotas";
import { upstreamOf } from "./registry/exchange";
import { holdBlob, holdsBlob } from "./registry/heldBlobs";
import { projectPart } from "./registry/tokenService";
import { ensureRepository } from "./repositoryStore";

interface Source {
    readonly repository: string;
    readonly reference: string;
    readonly artifact: Artifact;
}

function findSource(call: Call, from: string): Source {
    const [, repository = "", reference = ""] = /^([^:@]+)[:@](.+)$/.exec(from) ?? [];
    try {
        const artifact = resolveArtifact(call.services.store, repository, reference);
        return { repository, reference, artifact };
    } catch (error) {
        if (error instanceof Fault) {
            throw badRequest(`artifact ${from} not found`);
        }
        throw error;
    }
}

/** Copies an artifact (and the children of an index) into another repository with all its tags. */
export async function copyArtifact(
    call: Call,
    project: Project,
    target: string,
    from: string,
): Promise<Reply> {
    const { store } = call.services;
    const source = findSource(call, from);
    const owner = store.of("projects").find((one) => one.name === projectPart(source.repository));
    if (owner === undefined || !may(store, call.account, owner, "repository", "pull")) {
        throw forbidden();
    }
    const family = [...childrenOf(call, source.artifact), source.artifact];
    const digests = [...new Set(family.flatMap((artifact) => artifact.blobs))];
    const bytes = digests
        .filter((digest) => !holdsBlob(store, project.id, digest))
        .reduce((sum, digest) => sum + (store.of("blobs").get(digest)?.size ?? 0), 0);
    requireRoom(store, project.id, bytes);
    for (const artifact of family) {
        await copyContent(call, source.repository, target, artifact);
    }
    store.transaction(() => {
        const repository = ensureRepository(store, project.id, target);
        for (const artifact of family) {
            const known = byDigest(store, repository.id, artifact.digest);
            if (known === undefined) {
                const id = store.nextId("artifacts");
                const place = { id, projectId: project.id, repositoryId: repository.id };
                const fresh = { labelIds: [], pushed: now(), pulled: zeroTime };
                store.of("artifacts").put({ ...artifact, ...place, ...fresh });
            }
        }
        for (const digest of digests) {
            holdBlob(store, project.id, digest, store.of("blobs").get(digest)?.size ?? 0);
        }
        refreshUsage(store, project.id);
        const copied = byDigest(store, repository.id, source.artifact.digest);
        if (copied !== undefined) {
            for (const tag of tagsOf(store, source.artifact.id)) {
                ensureTag(store, repository.id, copied.id, tag.name);
            }
        }
    });
    const inside = target.slice(target.indexOf("/") + 1).replaceAll("/", "%252F");
    const path = `/api/v2.0/projects/${project.name}/repositories/${inside}`;
    const Location = `${path}/artifacts/${source.reference}`;
    return { status: 201, headers: { Location } };
}

function childrenOf(call: Call, artifact: Artifact): Artifact[] {
    return artifact.children.flatMap(({ digest }) => {
        const child = byDigest(call.services.store, artifact.repositoryId, digest);
        return child === undefined ? [] : [child];
    });
}

/** Has the registry mount the blobs in the target, and stores the manifest there. */
async function copyContent(
    call: Call,
    source: string,
    target: string,
    artifact: Artifact,
): Promise<void> {
    const upstream = upstreamOf(call.services);
    for (const digest of artifact.blobs.slice(1)) {
        const query = `?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(source)}`;
        const path = `/v2/${target}/blobs/uploads/${query}`;
        const mounted = await upstream.fetch("POST", path, { "content-length": 0 });
        if (mounted.status !== 201) {
            throw new Error(`mount of ${digest} into ${target} answered ${mounted.status}`);
        }
    }
    const headers = { accept: artifact.manifestMediaType };
    const manifest = await upstream.fetch(
        "GET",
        `/v2/${source}/manifests/${artifact.digest}`,
        headers,
    );
    const body = Buffer.from(manifest.text, "utf8");
    const stored = await upstream.fetch(
        "PUT",
        `/v2/${target}/manifests/${artifact.digest}`,
        { "content-type": artifact.manifestMediaType, "content-length": body.length },
        body,
    );
    if (stored.status !== 201) {
        throw new Error(`copy of ${artifact.digest} into ${target} answered ${stored.status}`);
    }
}
