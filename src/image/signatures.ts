import type * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { signHooks } from "../hooks/signHook";
import { platformSuffix } from "../oci/platform";
import { formatReference } from "../oci/reference";
import { provenanceType } from "../signing/provenance";
import type { CachedImageArgs } from "./args";
import type { DeclaredImage, ImageSurroundings } from "./declaration";
import { imageProvenance, joinedProvenance } from "./provenance";
import { digestOf, refOf } from "./pushedImage";
import { readSbom } from "./sbom";
import type { ImageSigning } from "./signingKey";

/** Parts of the logical names of what a component signs. */
interface SigningRoles {
    readonly signature: string;
    readonly provenance: string;
    readonly sbom: string;
}

/** A statement to sign about an image. */
interface Statement {
    /** Suffix of the resource's logical name. */
    readonly part: string;
    /** @default a signature's */
    readonly predicateType?: string;
    readonly predicateDigest?: string;
    readonly predicate: () => object | Promise<object>;
}

/**
 * Declares the signatures of the app image: of each platform's manifest, which is what a cluster pulls,
 * and of the index that joins them; and the attestations of their provenance and of the SBOM.
 *
 * @returns the reference of the app image, known once everything is signed.
 */
export function declareSignatures(
    surroundings: ImageSurroundings,
    roles: SigningRoles,
    apps: readonly DeclaredImage[],
    index: dockerBuild.Index | undefined,
): pulumi.Output<string> {
    const { signing, plan, args } = surroundings;
    const [first] = apps;
    if (first === undefined) {
        throw new Error("the plan of a cached image has no app image");
    }
    const ref = refOf(index ?? first.resource);
    if (signing === undefined) {
        return ref;
    }
    /** Statements about one image, one after the other: they may share one list in the registry. */
    const declare = (
        image: pulumi.Output<string>,
        statements: readonly Statement[],
        earlier: readonly pulumi.Resource[] = [],
    ) => {
        let dependsOn = [...earlier];
        return statements.map((statement) => {
            const made = declareSignature(surroundings, signing, image, statement, dependsOn);
            dependsOn = [made];
            return made;
        });
    };
    const statements = (
        suffix: string,
        predicate: Statement["predicate"],
        others: readonly Statement[] = [],
    ): readonly Statement[] => [
        ...(args.sign?.provenance === false
            ? []
            : [{ part: roles.provenance + suffix, predicateType: provenanceType, predicate }]),
        ...others,
        // The last one: whoever sees the signature sees all the others.
        { part: roles.signature + suffix, predicate: () => ({}) },
    ];
    if (index === undefined) {
        const predicate = () => imageProvenance(surroundings, first, 0);
        const made = declare(ref, statements("", predicate, sbomOf(roles, args)));
        return signedRef(ref, made);
    }
    const platforms = apps.flatMap((app, position) => {
        const suffix = `-${platformSuffix(plan.builds[position]?.platform)}`;
        const predicate = () => imageProvenance(surroundings, app, position);
        return declare(refOf(app.resource), statements(suffix, predicate));
    });
    const predicate = () => joinedProvenance(surroundings, apps);
    const made = declare(ref, statements("", predicate, sbomOf(roles, args)), platforms);
    return signedRef(ref, made);
}

/** A reference that is known once the image is signed. */
function signedRef(
    ref: pulumi.Output<string>,
    signatures: readonly harbor.ImageSignature[],
): pulumi.Output<string> {
    const signed = pulumi.all(signatures.map(({ reference }) => reference));
    return pulumi.all([ref, signed]).apply(([known]) => known);
}

function sbomOf(roles: SigningRoles, { sbom: path }: CachedImageArgs): readonly Statement[] {
    const sbom = path === undefined ? undefined : readSbom(path);
    return sbom === undefined || "message" in sbom
        ? []
        : [{ ...sbom, part: roles.sbom, predicate: () => sbom.predicate }];
}

function declareSignature(
    { parent, name, plan, access: { username, password } }: ImageSurroundings,
    { publicKey, signer }: ImageSigning,
    ref: pulumi.Output<string>,
    { part, predicateType, predicateDigest, predicate }: Statement,
    dependsOn: pulumi.Resource[],
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
