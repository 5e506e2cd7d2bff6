import type * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { type CachedImageExportArgs, ExportType } from "./args";
import { declareBuild, type ImageSurroundings, onlyRetries } from "./declaration";
import { placed } from "./exportFaults";
import { digestOfImage } from "./pushedImage";

/** Build argument without an `ARG`: BuildKit ignores it, and docker-build compares it. */
const appDigest = "HARBOR_BUILD_APP";

/** The build that the exports repeat. */
interface ExportedBuild {
    readonly app: dockerBuild.Image;
    /** Inputs of the app image's build. */
    readonly inputs: dockerBuild.ImageArgs;
    /** The build that writes the stack's cache. */
    readonly cacheBuild: dockerBuild.Image;
}

/**
 * Declares a separate build for each further export: docker-build 0.0.22 rejects several exports of
 * one Image before it has used the builder. Each time the digest of the app image changes, the
 * exports repeat its build, whose steps are cached then. They run one after the other: parallel
 * builds repeat steps.
 */
export function declareExports(
    { parent, name, args, hooks }: ImageSurroundings,
    part: string,
    { app, inputs, cacheBuild }: ExportedBuild,
): void {
    let previous = cacheBuild;
    for (const one of args.exports ?? []) {
        const buildArgs = pulumi
            .all([inputs.buildArgs, digestOfImage(app)])
            .apply(([given, digest]) => ({ ...given, [appDigest]: digest }));
        previous = declareBuild(
            `${name}-${part}-${one.type}`,
            {
                ...inputs,
                ...exporterOf(one),
                buildArgs,
                // The app image's build has written the cache.
                cacheTo: undefined,
                // Either would build an image that differs from the pushed one.
                noCache: undefined,
                pull: undefined,
                buildOnPreview: false,
            },
            { parent, dependsOn: [previous], hooks: onlyRetries(hooks) },
        );
    }
}

function exporterOf(one: CachedImageExportArgs): Pick<dockerBuild.ImageArgs, "exports" | "load"> {
    const { type, dest = "" } = placed(one);
    switch (type) {
        case ExportType.Oci:
            // docker-build 0.0.22 fails to write an archive.
            return { exports: [{ oci: { dest, tar: false } }] };
        case ExportType.Local:
            return { exports: [{ local: { dest } }] };
        case ExportType.Docker:
            return { exports: undefined, load: true };
    }
}
