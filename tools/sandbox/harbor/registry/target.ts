import { badRequest } from "../core/fault";
import { registryRefusal } from "./refusal";

/** The target of a `/v2/` path. */
export type Target =
    | { readonly kind: "base" }
    | { readonly kind: "catalog" }
    | { readonly kind: "tags"; readonly repository: string }
    | {
          readonly kind: "manifest" | "blob" | "referrers";
          readonly repository: string;
          readonly reference: string;
      }
    | { readonly kind: "uploads"; readonly repository: string }
    | { readonly kind: "upload"; readonly repository: string; readonly session: string };

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const name = `(${component}(?:/${component})*)`;
const patterns = {
    tags: new RegExp(`^/v2/${name}/tags/list/?$`),
    manifest: new RegExp(`^/v2/${name}/manifests/([^/]+)$`),
    uploads: new RegExp(`^/v2/${name}/blobs/uploads/?$`),
    upload: new RegExp(`^/v2/${name}/blobs/uploads/([^/]+)$`),
    blob: new RegExp(`^/v2/${name}/blobs/([^/]+)$`),
    referrers: new RegExp(`^/v2/${name}/referrers/([^/]+)$`),
};

/** Reads a path. As in Harbor, an unknown path gets 401. */
export function parseTarget(method: string, path: string): Target {
    if (path === "/v2/") {
        return { kind: "base" };
    }
    if (path === "/v2/_catalog") {
        return { kind: "catalog" };
    }
    for (const [kind, pattern] of Object.entries(patterns)) {
        const match = pattern.exec(decodeURIComponent(path));
        if (match !== null) {
            const [, repository = "", rest = ""] = match;
            if (!repository.includes("/")) {
                throw badRequest(`bad request: invalid repository name: ${repository}`);
            }
            return target(kind, repository, rest);
        }
    }
    throw registryRefusal(`un-recognized request: ${method} ${path}`, "");
}

function target(kind: string, repository: string, rest: string): Target {
    switch (kind) {
        case "tags":
        case "uploads":
            return { kind, repository };
        case "upload":
            return { kind, repository, session: rest };
        case "blob":
        case "referrers":
            return { kind, repository, reference: rest };
        default:
            return { kind: "manifest", repository, reference: rest };
    }
}

const digestPattern = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/;
export const isDigest = (reference: string): boolean => digestPattern.test(reference);

const tagPattern = /^[\w][\w.-]{0,127}$/;
export const isTag = (reference: string): boolean => tagPattern.test(reference);
