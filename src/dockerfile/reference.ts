import { InstructionError } from "./failure";
import { isDigest } from "./values";

const host =
    /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?$|^\[[0-9a-fA-F:]+\](?::\d+)?$/;
const pathPart = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const tag = /^[A-Za-z0-9_][\w.-]{0,127}$/;

/**
 * Checks an image reference: `[host/]repository[:tag][@digest]`.
 *
 * @throws InstructionError that names the reference and the invalid part.
 */
export function checkReference(reference: string): void {
    const [named = "", digested, extra] = reference.split("@");
    const colon = named.lastIndexOf(":");
    const tagged = colon > named.lastIndexOf("/") ? named.slice(colon + 1) : undefined;
    const parts = (tagged === undefined ? named : named.slice(0, colon)).split("/");
    const first = parts[0] ?? "";
    const hosted =
        parts.length > 1 && (/[.:]/.test(first) || first === "localhost" || /[A-Z]/.test(first));
    const path = hosted ? parts.slice(1) : parts;
    if (hosted && !host.test(first)) throw wrong(reference, `"${first}" is not a host`);
    if (/^[0-9a-f]{64}$/.test(reference)) throw wrong(reference, "it is the id of an image");
    for (const part of path) {
        if (!pathPart.test(part)) {
            throw wrong(
                reference,
                `"${part}" is not allowed in a repository name, which is lower case`,
            );
        }
    }
    if (tagged !== undefined && !tag.test(tagged))
        throw wrong(reference, `"${tagged}" is not a tag`);
    if (extra !== undefined || (digested !== undefined && !isDigest(digested))) {
        throw wrong(
            reference,
            `"${digested}" is not a digest; expected sha256: and 64 hexadecimal digits in lower case`,
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
