import * as pulumi from "@pulumi/pulumi";
import type { BuildOptions } from "../dockerfile";
import type { CachedImageArgs } from "./args";
import type { PassedOn } from "./passedOn";
import type { ImageContent } from "./row";

type BuildArgs = CachedImageArgs["buildArgs"];

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

/** The build arguments that an image's stages read, as a part of its content. */
export function contentOfBuildArgs(
    given: BuildArgs,
    { passes }: ImageContent,
): Readonly<Record<string, unknown>> | "unknown" {
    const plain = plainBuildArgs(given);
    const buildArgs = Object.entries(plain ?? {})
        .filter(([name]) => passes.buildArg(name))
        .sort(([a], [b]) => (a < b ? -1 : 1));
    const isKnown =
        plain !== undefined && buildArgs.every(([, value]) => typeof value === "string");
    return isKnown ? { buildArgs } : "unknown";
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
