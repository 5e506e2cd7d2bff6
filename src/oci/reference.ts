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

const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostPattern =
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
