import { createHash } from "node:crypto";
import type * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";

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

/**
 * A digest of all inputs that docker-build 0.0.22 compares, without the files (image.go, Diff).
 *
 * @internal
 */
export function comparedDigest({
    secrets,
    registries,
    ...inputs
}: dockerBuild.ImageArgs): pulumi.Output<string> {
    // A rotated secret or password does not change the image; without their values nothing here is secret.
    const ids = pulumi.output(secrets).apply((given) => Object.keys(given ?? {}));
    const accounts = pulumi
        .output(registries)
        .apply((given) => given?.map(({ address, username }) => ({ address, username })));
    return pulumi
        .output({ ...inputs, secrets: pulumi.unsecret(ids), registries: pulumi.unsecret(accounts) })
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
