import { createHash } from "node:crypto";
import type { Dockerfile } from "../dockerfile";
import { isNewerFrontend, minorMax } from "../dockerfile/directives";
import type { DockerfileFailure } from "../dockerfile/failure";
import { familiarName } from "../dockerfile/reference";
import { unknownBase } from "../dockerfile/stage";
import type { TargetReads } from "../dockerfile/targetReads";

/** A base image with a tag, to pin to a digest. */
export interface BasePin {
    /** Familiar name, without Docker's defaults, and the tag: `golang:1.22`, `alpine:latest`. */
    readonly reference: string;
    /** Name of the named context that replaces the image; BuildKit looks it up by the name in the Dockerfile. */
    readonly context: string;
    /** Line of the first instruction that names the image, counted from 1; undefined when an argument of a named context names it. */
    readonly line: number | undefined;
}

/** Digests of base images by {@link BasePin.reference}. */
export type BaseDigests = Readonly<Record<string, string>>;

/**
 * The base images with a tag that a target's stages are built on or copy from, without duplicates,
 * sorted by name. Images with a digest are pinned already.
 */
export function pinsOf({ stages }: TargetReads): readonly BasePin[] {
    const names = new Set(stages.flatMap(({ stage }) => stage.name ?? []));
    const pins = new Map<string, BasePin>();
    const uses = stages.flatMap(({ stage }) => [
        { source: stage.base, line: stage.line },
        ...stage.edges,
    ]);
    for (const { source, line } of uses.sort((a, b) => a.line - b.line)) {
        if (source.kind !== "image" || source.reference.includes("@")) continue;
        const name = familiarName(source.reference);
        const reference = taggedName(source.reference);
        if (pins.has(reference)) continue;
        // A named context with the name of a stage replaces the whole stage.
        const context = names.has(name) ? `${reference}-pinned` : reference;
        pins.set(reference, { reference, context, line });
    }
    return [...pins.values()].sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** The named contexts that a target reads and that are images with a tag. */
export function contextPins(
    namedContexts: Readonly<Record<string, string>>,
    read: ReadonlySet<string> | undefined,
): readonly BasePin[] {
    return Object.entries(imagesOf(namedContexts)).flatMap(([context, image]) =>
        read?.has(context) === false || image.includes("@")
            ? []
            : [{ reference: taggedName(image), context, line: undefined }],
    );
}

/** The references of the named contexts that are images, by name. */
export function imagesOf(
    namedContexts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
    const scheme = "docker-image://";
    return Object.fromEntries(
        Object.entries(namedContexts).flatMap(([name, location]) =>
            // BuildKit reads "scratch" as nothing, not as an image.
            location.startsWith(scheme) && location !== `${scheme}scratch`
                ? [[name, location.slice(scheme.length)]]
                : [],
        ),
    );
}

function taggedName(image: string): string {
    const name = familiarName(image);
    return name.includes(":", name.lastIndexOf("/")) ? name : `${name}:latest`;
}

/** Why base images of a target cannot be pinned; empty when all can. */
export function unpinnable(dockerfile: Dockerfile, reads: TargetReads): DockerfileFailure[] {
    const { syntax } = dockerfile.directives;
    // Named contexts came with docker/dockerfile 1.4.
    if (syntax !== undefined && /:1\.[0-3](?![0-9])/.test(syntax)) {
        const reason = `syntax=${syntax} has no named contexts, which the component needs to pin base images; expected docker/dockerfile:1.4 or newer`;
        return [{ line: 1, reason }];
    }
    const unknown = reads.stages.flatMap(({ stage }) => {
        const reason = unknownBase(stage)?.unknown;
        return reason === undefined ? [] : [{ line: stage.line, reason }];
    });
    if (unknown.length > 0 || reads.beyond === undefined) return unknown;
    const isNewer = syntax !== undefined && isNewerFrontend(syntax);
    if (!isNewer || reads.beyond !== dockerfile.opaque) return [{ reason: reads.beyond }];
    // A newer version finds the images that this package finds, and a named context replaces them.
    if (reads.stages.length > 0) return [];
    const reason = `syntax=${syntax} is newer than the component knows, and the component does not understand the file; expected syntax of docker/dockerfile:1.${minorMax} or older`;
    return [{ reason }];
}

/** The location of a pinned base image's named context, for docker-build. */
export function pinnedLocation({ reference }: BasePin, digests: BaseDigests): string {
    return `docker-image://${reference}@${digests[reference]}`;
}

/** A tag derived from content: with fewer digits, two contents with one tag could be found. */
export function tagOf(content: unknown): string {
    const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
    return `src-${hash.slice(0, 32)}`;
}

/** The tag for a content and its pinned base images; the given tag without bases. */
export function tagWithBases(tag: string, pins: readonly BasePin[], digests: BaseDigests): string {
    const bases = [...new Set(pins.map(({ reference }) => reference))].sort();
    const known = bases.map((reference) => [reference, digests[reference]]);
    return bases.length === 0 ? tag : tagOf([tag, known]);
}
