import { asList, asRecord, parseJson } from "../text/lenientJson";
import { digestOf } from "./content";
import { imageType, indexType } from "./manifest";
import type { RegistrySession } from "./session";

/** A small artifact that refers to an image, such as a signature. */
export interface Referrer {
    /** Media type of the artifact and of its content. */
    readonly type: string;
    readonly content: string;
    readonly annotations: Readonly<Record<string, string>>;
}

/** OCI image specification 1.1, manifest.md, "Guidance for an Empty Descriptor". */
const empty = descriptor("application/vnd.oci.empty.v1+json", "{}");

/**
 * Attaches an artifact to an image. The artifact has no tag: it lives and dies with the image.
 *
 * @param subject digest of the image's manifest or index
 * @returns the digest of the artifact's manifest.
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function attachReferrer(
    session: RegistrySession,
    repository: string,
    subject: string,
    { type, content, annotations }: Referrer,
): Promise<string> {
    const layer = descriptor(type, content);
    const requests = [
        session.getToSign(repository, `manifests/${subject}`),
        session.putBlob(repository, "{}", empty.digest),
        session.putBlob(repository, content, layer.digest),
    ] as const;
    // The first fault of this list counts, whichever came first.
    await Promise.allSettled(requests);
    const [signed] = await Promise.all(requests);
    const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: imageType,
        artifactType: type,
        config: empty,
        layers: [layer],
        subject: {
            ...descriptor(signed.headers["content-type"] ?? imageType, signed.body),
            digest: subject,
        },
        annotations,
    });
    const made = { ...descriptor(imageType, manifest), artifactType: type, annotations };
    const answer = await session.put(repository, `manifests/${made.digest}`, manifest, imageType);
    if (answer.headers["oci-subject"] === undefined) {
        await addToIndex(session, repository, subject, made);
    }
    return made.digest;
}

/**
 * Lists what refers to an image, from the registry or, where it has no list of its own, from the tag
 * of {@link addToIndex}.
 *
 * @returns descriptors of the artifacts' manifests.
 * @throws RequestError when the registry refuses, or does not answer; SyntaxError for other content.
 */
export async function listReferrers(
    session: RegistrySession,
    repository: string,
    subject: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const listed = await session.get(repository, `referrers/${subject}`);
    const found =
        listed.response.status === 404
            ? await session.get(repository, referrersTag(subject))
            : listed;
    if (found.fault === undefined) {
        return asList(asRecord(parseJson(found.response.body))["manifests"]).map(asRecord);
    }
    if (found.response.status === 404) return [];
    throw found.fault;
}

const referrersTag = (subject: string) => `manifests/${subject.replace(":", "-")}` as const;

/**
 * Lists an artifact where clients look when the registry has no list of referrers of its own: OCI
 * distribution specification 1.1, "Referrers Tag Schema".
 */
async function addToIndex(
    session: RegistrySession,
    repository: string,
    subject: string,
    made: object,
): Promise<void> {
    const path = referrersTag(subject);
    const { response, fault } = await session.get(repository, path);
    if (fault !== undefined && response.status !== 404) {
        throw fault;
    }
    const known = fault === undefined ? asRecord(parseJson(response.body))["manifests"] : [];
    const index = JSON.stringify({
        schemaVersion: 2,
        mediaType: indexType,
        manifests: [...asList(known), made],
    });
    await session.put(repository, path, index, indexType);
}

function descriptor(mediaType: string, content: string) {
    return { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) };
}
