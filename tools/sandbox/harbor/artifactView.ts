import { accessoriesOf, byDigest, isImage, tagsOf } from "./artifactStore";
import type { Call } from "./core/api";
import type { Artifact, Tag } from "./core/model";
import type { Store } from "./core/store";
import { isImmutable } from "./immutableGate";
import { labelView } from "./labelView";

/** Digests of Harbor's icons for images and for artifacts of unknown types. */
const imageIcon = "sha256:0048162a053eef4d4ce3fe7518615bef084403614f8bca43b40ae2e762e11e06";
const otherIcon = "sha256:da834479c923584f4cbcdecc0dac61f32bef1d51e8aae598cf16bd154efab49f";

/** Digests of Harbor's icons for accessories by type: src/lib/icon/const.go. */
const accessoryIcons: Readonly<Record<string, string>> = {
    "signature.cosign": "sha256:20401d5b3a0f6dbc607c8d732eb08471af4ae6b19811a4efce8c6a724aed2882",
    "signature.notation": "sha256:3ac706e102bbe9362b400aa162df58135d35e66b9c3bee2165de92022d25fe34",
    "sbom.harbor": "sha256:c19f80c357cd7e90d2a01b9ae3e2eb62ce447a2662bb590a19177d72d550bdae",
};

export function tagView(call: Call, tag: Tag): object {
    const { store } = call.services;
    const repository = store.of("repositories").get(tag.repositoryId);
    return {
        artifact_id: tag.artifactId,
        id: tag.id,
        immutable:
            repository !== undefined &&
            call.query("with_immutable_status") === "true" &&
            isImmutable(store, repository.projectId, repository.name, tag.name),
        name: tag.name,
        pull_time: tag.pulled,
        push_time: tag.pushed,
        repository_id: tag.repositoryId,
    };
}

/** An accessory of an artifact. */
export function accessoryView(store: Store, subject: Artifact, accessory: Artifact): object {
    return {
        artifact_id: accessory.id,
        creation_time: accessory.pushed,
        digest: accessory.digest,
        icon: accessoryIcons[accessory.accessoryType ?? ""] ?? "",
        id: accessory.id,
        size: accessory.size,
        subject_artifact_digest: subject.digest,
        subject_artifact_id: subject.id,
        subject_artifact_repo: store.of("repositories").get(subject.repositoryId)?.name ?? "",
        type: accessory.accessoryType,
    };
}

function accessoryViews(call: Call, artifact: Artifact): object[] | null {
    const { store } = call.services;
    const found = call.query("with_accessory") === "true" ? accessoriesOf(store, artifact) : [];
    return found.length === 0 ? null : found.map((one) => accessoryView(store, artifact, one));
}

function references(call: Call, artifact: Artifact): object[] | null {
    if (artifact.children.length === 0) {
        return null;
    }
    return artifact.children.map(({ digest, platform, annotations, urls }) => ({
        ...(annotations === undefined ? {} : { annotations }),
        child_digest: digest,
        child_id: byDigest(call.services.store, artifact.repositoryId, digest)?.id ?? 0,
        parent_id: artifact.id,
        platform: { OsFeatures: null, ...platform },
        urls: urls ?? null,
    }));
}

function labels(call: Call, artifact: Artifact): object[] | null {
    if (call.query("with_label") !== "true" || artifact.labelIds.length === 0) {
        return null;
    }
    const all = call.services.store.of("labels");
    return [...artifact.labelIds]
        .sort((a, b) => a - b)
        .flatMap((id) => {
            const label = all.get(id);
            return label === undefined ? [] : [labelView(label)];
        });
}

/** An artifact as the REST API shows it, with tags unless the caller omits them. */
export function artifactView(call: Call, artifact: Artifact): object {
    const { store } = call.services;
    const name = store.of("repositories").get(artifact.repositoryId)?.name ?? "";
    const [project = "", ...rest] = name.split("/");
    const path = `/api/v2.0/projects/${project}/repositories/${rest.join("%252F")}`;
    const href = `${path}/artifacts/${artifact.digest}/additions/build_history`;
    const tags = call.query("with_tag") === "false" ? [] : tagsOf(store, artifact.id);
    const isIndex = artifact.children.length > 0;
    return {
        accessories: accessoryViews(call, artifact),
        ...(isImage(artifact)
            ? { addition_links: { build_history: { absolute: false, href } } }
            : {}),
        ...(artifact.annotations === undefined ? {} : { annotations: artifact.annotations }),
        ...(isIndex || artifact.artifactType === ""
            ? {}
            : { artifact_type: artifact.artifactType }),
        digest: artifact.digest,
        ...(artifact.extraAttrs === undefined ? {} : { extra_attrs: artifact.extraAttrs }),
        icon: artifact.type === "IMAGE" ? imageIcon : otherIcon,
        id: artifact.id,
        labels: labels(call, artifact),
        manifest_media_type: artifact.manifestMediaType,
        media_type: artifact.mediaType,
        project_id: artifact.projectId,
        pull_time: artifact.pulled,
        push_time: artifact.pushed,
        references: references(call, artifact),
        repository_id: artifact.repositoryId,
        repository_name: name,
        size: artifact.size,
        tags: tags.length === 0 ? null : tags.map((tag) => tagView(call, tag)),
        type: artifact.type,
    };
}
