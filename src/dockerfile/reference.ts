import { componentPattern, hostPattern, splitReference, tagFault } from "../oci/reference";
import { InstructionError } from "./failure";
import { isDigest } from "./values";

/**
 * Checks an image reference: `[host/]repository[:tag][@digest]`.
 *
 * @throws InstructionError that names the reference and the invalid part.
 */
export function checkReference(reference: string): void {
    const { host, path, tag, digest } = splitReference(reference);
    if (host !== undefined && !hostPattern.test(host)) {
        throw wrong(reference, `"${host}" is not a host`);
    }
    if (/^[0-9a-f]{64}$/.test(reference)) throw wrong(reference, "it is the id of an image");
    const part = path.split("/").find((one) => !componentPattern.test(one));
    if (part !== undefined) {
        throw wrong(
            reference,
            `"${part}" is not allowed in a repository name, which is lower case`,
        );
    }
    if (tag !== undefined && tagFault(tag) !== undefined) {
        throw wrong(reference, `"${tag}" is not a tag`);
    }
    if (digest !== undefined && !isDigest(digest)) {
        throw wrong(
            reference,
            `"${digest}" is not a digest; expected sha256: and 64 hexadecimal digits in lower case`,
        );
    }
}

function wrong(reference: string, what: string): InstructionError {
    return new InstructionError(`"${reference}" is not an image reference: ${what}`);
}

/**
 * An image's name without Docker Hub's host and the tag `latest`. BuildKit looks up named contexts
 * by this name: `docker.io/library/golang:latest` is `golang`.
 */
export function familiarName(reference: string): string {
    return reference
        .replace(/^(?:index\.)?docker\.io\//, "")
        .replace(/^library\/(?=[^/]*$)/, "")
        .replace(/:latest$/, "");
}

/** Whether BuildKit looks for a name among the named contexts. */
export function isContextName(name: string): boolean {
    return !["scratch", "context"].includes(name.toLowerCase());
}
