import { createHash } from "node:crypto";
import { RequestError, RequestErrorKind } from "../http/error";

/** Digests of algorithms that every client supports: OCI image specification 1.1, descriptor.md. */
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/** Whether `text` is a digest. */
export function isDigest(text: string): boolean {
    return digestPattern.test(text);
}

/**
 * The address of `path` below `/v2/REPOSITORY/`.
 *
 * @throws RequestError for a repository that would lead to another part of the host.
 */
export function repositoryUrl(origin: string, repository: string, path: string): URL {
    const isName = (part: string) => /^\w[\w.-]*$/.test(part);
    if (!repository.split("/").every(isName)) {
        throw unusable(`"${repository}" is not a repository; expected NAME/NAME`);
    }
    return new URL(`/v2/${repository}/${path}`, origin);
}

/** A manifest, by tag or digest, a blob, by digest, or the list of what refers to a digest. */
export type ContentPath = `manifests/${string}` | `blobs/${string}` | `referrers/${string}`;

const nameOf = (path: ContentPath): string => path.slice(path.indexOf("/") + 1);

/**
 * The address of content that a registry or a reference names.
 *
 * @throws RequestError as {@link repositoryUrl}, and for a name that is neither digest nor tag.
 */
export function contentUrl(origin: string, repository: string, path: ContentPath): URL {
    const name = nameOf(path);
    const isTag = path.startsWith("manifests/") && tagPattern.test(name);
    if (!isTag && !isDigest(name)) {
        throw unusable(`"${name}" is not a digest; expected sha256: or sha512: and its digits`);
    }
    return repositoryUrl(origin, repository, path);
}

/**
 * Checks that a body is the content that was asked for.
 *
 * @throws RequestError when the content was asked for by digest, and the body has another digest.
 */
export function checkContent(path: ContentPath, body: string): void {
    const name = nameOf(path);
    const [algorithm = ""] = name.split(":", 1);
    const isContent = isDigest(name) && !path.startsWith("referrers/");
    if (isContent && name !== digestOf(body, algorithm)) {
        throw unusable(`the registry returned other content than ${name}`);
    }
}

/** The digest of a manifest or blob. */
export function digestOf(content: string, algorithm = "sha256"): string {
    return `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`;
}

function unusable(reason: string): RequestError {
    return new RequestError({ kind: RequestErrorKind.Protocol, reason });
}
