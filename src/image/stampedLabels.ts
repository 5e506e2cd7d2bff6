import type * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { comparedDigest } from "./specification";

type Labels = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** An image with labels that describe its run. */
export interface StampedImage {
    /** Labels of this run. */
    readonly buildLabels: Labels;
    /** Digest of the Dockerfile and of the files. */
    readonly slice: string;
    /** All other inputs of the build. */
    readonly inputs: dockerBuild.ImageArgs;
}

/**
 * Declares a stamp and returns the labels of the image: its own labels, and the labels of the run
 * that last changed the image. The stamp keeps these labels until something else changes, so that
 * new labels of the run cause no diff of the image (docs/adr/0006).
 */
export function stampedLabels(
    parent: pulumi.ComponentResource,
    childName: string,
    { buildLabels, slice, inputs }: StampedImage,
): pulumi.Output<Record<string, string>> {
    const stamp = new harbor.Stamp(
        childName,
        { triggers: { slice, arguments: comparedDigest(inputs) }, values: buildLabels },
        { parent },
    );
    return pulumi
        .all([inputs.labels, stamp.values])
        .apply(([labels, values]) => ({ ...labels, ...values }));
}
