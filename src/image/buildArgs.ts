import * as pulumi from "@pulumi/pulumi";
import type { BuildOptions } from "../dockerfile";
import { isProxyArg } from "../dockerfile/variables";
import type { CachedImageArgs } from "./args";
import type { PassedOn } from "./passedOn";
import type { ImageContent } from "./row";

type BuildArgs = CachedImageArgs["buildArgs"];
type Content = Readonly<Record<string, unknown>> | "unknown";

/** The build argument that separates the cache mounts of builds with one builder. */
export const cacheMountNamespace = "BUILDKIT_CACHE_MOUNT_NS";

/**
 * The build arguments for the Dockerfile; a value that is not a plain string is known only when the
 * program runs.
 */
export function valuesOf(given: BuildArgs): NonNullable<BuildOptions["buildArgs"]> {
    const plain = plainBuildArgs(given);
    return plain === undefined
        ? "unknown"
        : Object.fromEntries(
              Object.entries(plain).map(([name, value]) => [
                  name,
                  typeof value === "string"
                      ? value
                      : {
                            unknown: `the build argument ${name} is known only when the program runs`,
                        },
              ]),
          );
}

/**
 * The build arguments that determine an image, as a part of its content. Proxies and the namespace
 * of cache mounts change it only if the Dockerfile declares them.
 */
export function contentOfBuildArgs(
    given: BuildArgs,
    { passes, slice: { graph, dockerfile } }: ImageContent,
): Content {
    const isDeclared = (name: string) => graph === undefined || dockerfile.args.includes(name);
    const counts = (name: string) =>
        passes.buildArg(name) &&
        (isDeclared(name) || !(isProxyArg(name) || name === cacheMountNamespace));
    return contentOfTexts("buildArgs", given, counts);
}

/** Texts by name as a part of an image's content, regardless of their order. */
export function contentOfTexts(
    argument: string,
    given: BuildArgs,
    counts: (name: string) => boolean = () => true,
): Content {
    const plain = plainBuildArgs(given);
    const counted = Object.entries(plain ?? {})
        .filter(([name]) => counts(name))
        .sort(([a], [b]) => (a < b ? -1 : 1));
    const isKnown = plain !== undefined && counted.every(([, value]) => isText(value));
    return isKnown ? { [argument]: counted } : "unknown";
}

export function isText(value: unknown): value is string {
    return typeof value === "string";
}

/**
 * The build arguments that an image's stages read, or all of them if they are one output, whose
 * names are unknown.
 */
export function passedBuildArgs(given: BuildArgs, passes: PassedOn): BuildArgs {
    const plain = plainBuildArgs(given);
    if (plain === undefined) {
        return given;
    }
    const passed = Object.entries(plain).filter(([name]) => passes.buildArg(name));
    return passed.length === 0 ? undefined : Object.fromEntries(passed);
}

/** The build arguments with their names; undefined for an output or a promise. */
function plainBuildArgs(
    given: BuildArgs = {},
): Readonly<Record<string, pulumi.Input<string>>> | undefined {
    return pulumi.Output.isInstance(given) || "then" in given ? undefined : given;
}
