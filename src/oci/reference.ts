/**
 * A reference to an image in a registry: `host/repository:tag@digest`.
 *
 * Grammar: https://github.com/distribution/reference (the `reference` package of the
 * distribution project), narrowed to what a registry push needs: the host is always present.
 */
export interface Reference {
    /** Registry host, with its port if any: `harbor.example.com:8443`. */
    readonly registry: string;
    /** Path below the host: `shop/fm`. */
    readonly repository: string;
    readonly tag?: string;
    /** `sha256:` and 64 hexadecimal digits. */
    readonly digest?: string;
}

/** Longest tag that the OCI distribution specification allows, in characters. */
export const tagLengthMax = 128;

/** Longest repository name that Harbor and distribution accept, in characters. */
export const repositoryLengthMax = 255;

/** The written parts of a reference; nothing is checked or completed. */
interface ReferenceParts {
    readonly host: string | undefined;
    /** Everything between host and tag. */
    readonly path: string;
    readonly tag: string | undefined;
    readonly digest: string | undefined;
}

/**
 * Splits a reference as distribution's `reference` package does: a first part is a host if it has a
 * `.`, a `:` or an upper-case letter, or is `localhost`.
 */
export function splitReference(reference: string): ReferenceParts {
    const at = reference.indexOf("@");
    const named = at < 0 ? reference : reference.slice(0, at);
    const colon = named.lastIndexOf(":");
    const hasTag = colon > named.lastIndexOf("/");
    const name = hasTag ? named.slice(0, colon) : named;
    const slash = name.indexOf("/");
    const first = slash < 0 ? "" : name.slice(0, slash);
    const hasHost = /[.:A-Z]/.test(first) || first === "localhost";
    return {
        host: hasHost ? first : undefined,
        path: hasHost ? name.slice(slash + 1) : name,
        tag: hasTag ? named.slice(colon + 1) : undefined,
        digest: at < 0 ? undefined : reference.slice(at + 1),
    };
}

const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** One part of a repository, between slashes. */
export const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
/** A host with its port, if any. */
export const hostPattern =
    /^(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::(\d{1,5}))?$/;

/** Why `tag` is not a valid tag; undefined when it is. Source: OCI distribution spec, "Pulling manifests". */
export function tagFault(tag: string): string | undefined {
    if (tag === "") {
        return "a tag may not be empty";
    }
    if (tag.length > tagLengthMax) {
        return `a tag may have ${tagLengthMax} characters, this tag has ${tag.length}`;
    }
    if (!tagPattern.test(tag)) {
        return "a tag consists of letters, digits, '_', '.' and '-', and does not start with '.' or '-'";
    }
    return undefined;
}

/** Why `repository` is not a valid repository; undefined when it is. */
export function repositoryFault(repository: string): string | undefined {
    if (repository.length > repositoryLengthMax) {
        return `a repository may have ${repositoryLengthMax} characters, this repository has ${repository.length}`;
    }
    const bad = repository.split("/").find((component) => !componentPattern.test(component));
    if (bad === undefined) {
        return undefined;
    }
    return `"${bad}" is not a path component: lower-case letters and digits, with single '.', '_', '__' or '-' between them`;
}

/** Why `host` is not a valid registry host; undefined when it is. */
export function hostFault(host: string): string | undefined {
    const match = hostPattern.exec(host);
    if (match === null) {
        return "expected HOST or HOST:PORT, without scheme and path";
    }
    if (match[1] !== undefined && (Number(match[1]) < 1 || Number(match[1]) > 65535)) {
        return `port ${match[1]} is not between 1 and 65535`;
    }
    return undefined;
}

/** `host/repository[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
    const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
    const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
    return `${reference.registry}/${reference.repository}${tag}${digest}`;
}
