import { createHash } from "node:crypto";
import type { ImageArgs } from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { argumentOf, faultsOf, shapeOf, shownOf } from "../arguments/row";
import { checkTypes, unknownWarnings } from "../arguments/shape";
import type { Fault } from "../arguments/userError";
import { tagOf } from "../bases/pins";
import type { SliceRequest } from "../slice";
import type { CachedImageArgs } from "./args";
import { passedOn } from "./passedOn";
import type { PlatformSlices } from "./platformSlices";
import type { BuildInputs, BuiltImage, ImageRow } from "./row";
import { cachedImageRows } from "./rows";

const rows: readonly (readonly [string, ImageRow<unknown>])[] = Object.entries(cachedImageRows);

/** Rejects missing arguments and wrong types. @throws UserError with every fault. */
export function checkImageTypes(name: string, args: unknown): void {
    checkTypes(`CachedImage "${name}"`, shapeOf(cachedImageRows), args);
}

/** A warning for every argument that does not exist. */
export function unknownImageArguments(args: unknown): readonly string[] {
    return unknownWarnings(shapeOf(cachedImageRows), args);
}

/** Every fault of the arguments that can be found without the Dockerfile. */
export function argumentFaults(name: string, args: CachedImageArgs): readonly Fault[] {
    return faultsOf(cachedImageRows, { name, args });
}

/** The arguments as the state shows them. */
export function visibleInputs(args: CachedImageArgs): pulumi.Inputs {
    return shownOf(cachedImageRows, args);
}

/** What the arguments add to the request for every slice. */
export function sliceRequest(args: CachedImageArgs): Partial<SliceRequest> {
    const parts = rows.flatMap(([name, row]) => {
        const value = argumentOf(args, name);
        return value === undefined ? [] : (row.slice?.(value) ?? []);
    });
    const options = Object.assign({}, ...parts.map((part) => part.options));
    return Object.assign({}, ...parts, { options });
}

/**
 * The tag derived from the content of an image, for all its platforms; or the names of the
 * arguments that are known only when the program runs.
 *
 * @param namedContexts locations of the named contexts; the slices know the content of folders
 */
export function contentTag(
    builds: readonly PlatformSlices[],
    args: CachedImageArgs,
    namedContexts: Readonly<Record<string, string>>,
): { readonly tag: string } | { readonly unknown: readonly string[] } {
    const parts = builds.map(({ platform, app: slice }) => {
        const content = { platform, slice, passes: passedOn(slice), namedContexts };
        return rows.map(
            ([name, row]) => [name, row.content?.(argumentOf(args, name), content) ?? {}] as const,
        );
    });
    const unknown = parts.flat().flatMap(([name, part]) => (part === "unknown" ? [name] : []));
    return unknown.length > 0
        ? { unknown: [...new Set(unknown)] }
        : { tag: tagOf(parts.map((all) => Object.assign({}, ...all.map(([, part]) => part)))) };
}

/** The inputs of docker-build's Image for one image of the component. */
export function buildInputs(args: CachedImageArgs, image: BuiltImage): Omit<ImageArgs, "push"> {
    const parts = rows.map(([name, row]) => row.inputs?.(argumentOf(args, name), image) ?? {});
    return Object.assign({}, ...parts, { context: mergeContexts(parts) });
}

function mergeContexts(parts: readonly BuildInputs[]): BuildInputs["context"] {
    const contexts = parts.map(({ context }) => context ?? {});
    const named = Object.assign({}, ...contexts.map((context) => context.named));
    return Object.assign({}, ...contexts, {
        named: Object.keys(named).length === 0 ? undefined : named,
    });
}

/**
 * A digest of all inputs that docker-build 0.0.22 compares, without the files (image.go, Diff).
 *
 * @internal
 */
export function comparedDigest(inputs: ImageArgs): pulumi.Output<string> {
    const parts = rows.map(([, row]) => row.compared?.(inputs) ?? {});
    return pulumi
        .output(Object.assign({}, inputs, ...parts))
        .apply((all) => `sha256:${createHash("sha256").update(sorted(all)).digest("hex")}`);
}

/** JSON with sorted keys in every object. */
function sorted(value: unknown): string {
    return JSON.stringify(value, (_, member: unknown) =>
        typeof member === "object" && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
            : member,
    );
}
