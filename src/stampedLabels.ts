import { createHash } from "node:crypto";
import type * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";

type Labels = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** What an image with labels that tell of its build is made of. */
export interface StampedImage {
    /** Labels of this run. */
    readonly buildLabels: Labels;
    /** Digest of the Dockerfile and of the files. */
    readonly slice: string;
    /** Everything else that the build is given. */
    readonly inputs: dockerBuild.ImageArgs;
}

/**
 * Declares a stamp, and gives the labels that an image bears with it: its own, and those of the run
 * that last changed anything it is made of. Until then the stamp keeps the labels as they were, so
 * that new ones are no difference of the image (docs/adr/0006).
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
 * A digest of all that docker-build 0.0.22 compares of an image, but for the files (its image.go, Diff).
 *
 * @internal
 */
export function comparedDigest({
    secrets,
    registries,
    ...inputs
}: dockerBuild.ImageArgs): pulumi.Output<string> {
    // A rotated secret or password is no other image; without them there is nothing secret in these.
    const ids = pulumi.output(secrets).apply((given) => Object.keys(given ?? {}));
    const accounts = pulumi
        .output(registries)
        .apply((given) => given?.map(({ address, username }) => ({ address, username })));
    return pulumi
        .output({ ...inputs, secrets: pulumi.unsecret(ids), registries: pulumi.unsecret(accounts) })
        .apply((all) => `sha256:${createHash("sha256").update(sorted(all)).digest("hex")}`);
}

/** JSON with the keys of every object in order. */
function sorted(value: unknown): string {
    return JSON.stringify(value, (_, member: unknown) =>
        typeof member === "object" && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
            : member,
    );
}
