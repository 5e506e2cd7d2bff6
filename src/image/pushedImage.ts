import type * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";

/** One image that the component pushed. */
export interface PushedImage {
    /** Reference with tag and digest. */
    readonly ref: string;
    /** Digest of the manifest, `sha256:…`. */
    readonly digest: string;
}

/**
 * The reference of an image, or of an index, with its digest; unknown in a preview that would change it.
 * docker-build 0.0.22 previews an update with a reference without a digest instead of an unknown value.
 * A Deployment would then seem to move to a tag, and `up` could not apply a plan of the preview.
 */
export function refOf({ ref }: dockerBuild.Image | dockerBuild.Index): pulumi.Output<string> {
    const isPreview = pulumi.runtime.isDryRun();
    // The type of `apply` does not show that an unknown value makes the output unknown.
    const unknown = pulumi.unknown as unknown as string;
    return ref.apply((known) => (isPreview && !known.includes("@") ? unknown : known));
}

/** The digest at the end of a reference. An index has no output for its digest. */
export function digestOf(ref: pulumi.Output<string>): pulumi.Output<string> {
    return ref.apply((known) => known.slice(known.indexOf("@") + 1));
}

/** The digest of an image, for the inputs of other builds; unknown in a preview that would change it. */
export function digestOfImage(image: dockerBuild.Image): pulumi.Output<string> {
    return digestOf(refOf(image));
}

/** Reference and digest of an image. */
export function pushed(image: dockerBuild.Image): pulumi.Output<PushedImage> {
    const ref = refOf(image);
    return pulumi.all([ref, digestOf(ref)]).apply(([ref, digest]) => ({ ref, digest }));
}
