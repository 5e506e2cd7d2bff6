import { relative, sep } from "node:path";
import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import type { Slice } from "../slice";
import { type CachedImageArgs, type CachedImageExportArgs, ExportType } from "./args";
import { programPath } from "./buildSource";
import { repeated } from "./faults";

/** Why the app image cannot be exported. */
export function exportFaults(
    exports: readonly CachedImageExportArgs[] = [],
    { args: { platforms = [] } }: Given<CachedImageArgs>,
): Fault[] {
    const types = exports.map(({ type }) => type);
    const message =
        `not possible for several platforms (${platforms.length}). Expected an image for one ` +
        "platform. Fix: remove exports, or name one platform in platforms.";
    return [
        ...(exports.length > 0 && platforms.length > 1 ? [{ path: "exports", message }] : []),
        ...repeated("exports", types),
        ...exports.flatMap((one, index) => {
            const message = destFault(one);
            return message === undefined ? [] : [{ path: `exports[${index}].dest`, message }];
        }),
    ];
}

function destFault({ type, dest }: CachedImageExportArgs): string | undefined {
    if (type === ExportType.Docker) {
        const message =
            `"${dest}" is set, but docker-build 0.0.22 only loads the image into the Docker daemon. ` +
            'Fix: remove dest, or use type "oci", whose folder becomes an archive with: ' +
            "tar -C FOLDER -cf FILE .";
        return dest === undefined ? undefined : message;
    }
    if (dest === undefined || dest === "") {
        return `missing. Expected a folder, for example "dist/${type}".`;
    }
    // docker-build passes the path on in a comma-separated list.
    if (/[",\n]/.test(dest)) {
        return (
            `"${dest}" has a character that docker-build cannot pass on. Expected a path without ` +
            "commas, quotes or line breaks."
        );
    }
    const message =
        `"${dest}" is the name of an archive, and docker-build 0.0.22 writes only folders. ` +
        `Fix: name a folder, and archive it after the run: tar -C FOLDER -cf ${dest} .`;
    return dest.endsWith(".tar") ? message : undefined;
}

/** Warns about exports that the next build reads: each `up` would then build again. */
export function exportWarnings(
    exports: readonly CachedImageExportArgs[] = [],
    slices: readonly Slice[],
): readonly string[] {
    return exports.flatMap(({ dest }, index) => {
        const message =
            `exports[${index}].dest: the build reads what this export writes ("${dest}"), so every ` +
            "`up` builds again. Fix: exclude the folder in .dockerignore, or name one outside the context.";
        return dest !== undefined && slices.some((slice) => readsFrom(slice, dest))
            ? [message]
            : [];
    });
}

function readsFrom({ request, selection }: Slice, folder: string): boolean {
    const path = relative(request.tree.location, folder).replaceAll(sep, "/");
    return [...selection.nodes].some((node) => `${node.path}/`.startsWith(`${path}/`));
}

/** An export with a path that is the same on every machine. */
export function placed({ type, dest }: CachedImageExportArgs): CachedImageExportArgs {
    return dest === undefined ? { type } : { type, dest: programPath(dest) };
}
