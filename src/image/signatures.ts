import type * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { signHooks } from "../hooks/signHook";
import { platformSuffix } from "../oci/platform";
import { formatReference } from "../oci/reference";
import type { ImageSurroundings } from "./declaration";
import { digestOf, refOf } from "./pushedImage";
import { readSbom } from "./sbom";
import type { ImageSigning } from "./signingKey";

/** Parts of the logical names of what a component signs. */
interface SigningRoles {
    readonly signature: string;
    readonly sbom: string;
}

/** A statement to sign about an image. */
interface Statement {
    /** Suffix of the resource's logical name. */
    readonly part: string;
    readonly ref: pulumi.Output<string>;
    /** @default a signature's */
    readonly predicateType?: string;
    readonly predicateDigest?: string;
    readonly predicate: () => object | Promise<object>;
    readonly dependsOn?: pulumi.Resource[];
}

/**
 * Declares the signatures of the app image: of each platform's manifest, which is what a cluster pulls,
 * and of the index that joins them; and the attestation of its SBOM.
 *
 * @returns the reference of the app image, known once everything is signed.
 */
export function declareSignatures(
    surroundings: ImageSurroundings,
    roles: SigningRoles,
    apps: readonly dockerBuild.Image[],
    app: dockerBuild.Image | dockerBuild.Index,
): pulumi.Output<string> {
    const ref = refOf(app);
    const { signing, plan, args } = surroundings;
    if (signing === undefined) {
        return ref;
    }
    const declare = (statement: Statement) => declareSignature(surroundings, signing, statement);
    const predicate = () => ({});
    const platforms = apps
        .filter((one) => one !== app)
        .map((one, index) => {
            const part = `${roles.signature}-${platformSuffix(plan.builds[index]?.platform)}`;
            return declare({ part, ref: refOf(one), predicate });
        });
    const sbom = args.sbom === undefined ? undefined : readSbom(args.sbom);
    const attestations =
        sbom === undefined || "message" in sbom
            ? []
            : [
                  declare({
                      part: roles.sbom,
                      ref,
                      predicateType: sbom.predicateType,
                      predicateDigest: sbom.predicateDigest,
                      predicate: () => sbom.predicate,
                  }),
              ];
    // The last one: whoever sees it sees all the others.
    const dependsOn = [...platforms, ...attestations];
    const { reference } = declare({ part: roles.signature, ref, predicate, dependsOn });
    return pulumi.all([ref, reference]).apply(([signed]) => signed);
}

function declareSignature(
    { parent, name, plan, access: { username, password } }: ImageSurroundings,
    { publicKey, signer }: ImageSigning,
    { part, ref, predicateType, predicateDigest, predicate, dependsOn = [] }: Statement,
): harbor.ImageSignature {
    const repository = `${plan.project}/${plan.image}`;
    // Without the tag: the signature of a digest is the same for all its tags.
    const reference = digestOf(ref).apply((digest) =>
        formatReference({ registry: plan.registry, repository, digest }),
    );
    const hooks = signHooks(name, part, { signer, predicate });
    return new harbor.ImageSignature(
        `${name}-${part}`,
        { reference, publicKey, predicateType, predicateDigest, username, password },
        { parent, dependsOn, ...(hooks === undefined ? {} : { hooks }) },
    );
}
