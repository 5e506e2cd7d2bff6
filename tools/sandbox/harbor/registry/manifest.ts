import { Fault } from "../core/fault";
import type { ChildReference } from "../core/model";

/** The part of a manifest that the sandbox reads. */
export interface Manifest {
    readonly mediaType: string;
    readonly artifactType: string | undefined;
    readonly config: Descriptor | undefined;
    readonly layers: readonly Descriptor[];
    readonly children: readonly ChildReference[];
    readonly annotations: Readonly<Record<string, string>> | undefined;
    readonly subjectDigest: string | undefined;
}

export interface Descriptor {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
}

export const imageTypes = {
    docker: "application/vnd.docker.distribution.manifest.v2+json",
    oci: "application/vnd.oci.image.manifest.v1+json",
};
export const indexTypes = {
    docker: "application/vnd.docker.distribution.manifest.list.v2+json",
    oci: "application/vnd.oci.image.index.v1+json",
};
const knownTypes = [...Object.values(imageTypes), ...Object.values(indexTypes)];

const refuse = (reason: string): Fault =>
    new Fault(400, "MANIFEST_INVALID", `unmarshal manifest failed: ${reason}`);

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value))
        : {};
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function descriptor(value: unknown): Descriptor {
    const { mediaType, digest, size } = fields(value);
    return { mediaType: text(mediaType), digest: text(digest), size: Number(size ?? 0) };
}

function texts(value: unknown): Readonly<Record<string, string>> | undefined {
    const entries = Object.entries(fields(value)).map(([key, one]) => [key, text(one)] as const);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function child(value: unknown): ChildReference {
    const { digest, platform, annotations, urls } = fields(value);
    return {
        digest: text(digest),
        platform: platform === undefined ? undefined : fields(platform),
        annotations: texts(annotations),
        urls: Array.isArray(urls) ? urls.map(text) : undefined,
    };
}

/** Parses a manifest by its declared media type, refusing what Harbor refuses before it stores. */
export function parseManifest(body: Buffer, contentType: string): Manifest {
    let parsed: unknown;
    try {
        parsed = JSON.parse(body.toString("utf8"));
    } catch {
        throw refuse(syntaxReason(body.toString("utf8")));
    }
    const type = contentType.split(";")[0]?.trim() ?? "";
    if (!knownTypes.includes(type)) {
        // Harbor reads anything else as a manifest of the obsolete, signed first schema.
        throw refuse("missing signature key");
    }
    const given = fields(parsed);
    const own = text(given["mediaType"]);
    if (own !== "" && own !== type) {
        throw refuse(`if present, mediaType in manifest should be '${type}' not '${own}'`);
    }
    const subject = given["subject"];
    const artifactType = text(given["artifactType"]);
    return {
        mediaType: type,
        artifactType: artifactType === "" ? undefined : artifactType,
        config: given["config"] === undefined ? undefined : descriptor(given["config"]),
        layers: list(given["layers"]).map(descriptor),
        children: list(given["manifests"]).map(child),
        annotations: texts(given["annotations"]),
        subjectDigest: subject === undefined ? undefined : descriptor(subject).digest,
    };
}

/** Go's message for the first invalid character: enough for texts that are not JSON. */
function syntaxReason(content: string): string {
    const literal = /^\s*n([^u])/.exec(content);
    if (literal !== null) {
        return `invalid character '${literal[1]}' in literal null (expecting 'u')`;
    }
    const start = /^\s*([^\s])/.exec(content);
    return start === null
        ? "unexpected end of JSON input"
        : `invalid character '${start[1]}' looking for beginning of value`;
}
