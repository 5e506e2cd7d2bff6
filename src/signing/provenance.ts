import { asRecord, asText } from "../text/lenientJson";
import { secretHider } from "../text/secretSpellings";
import { type BuildSecrets, publicProvenance } from "./publicProvenance";

/** Predicate type of SLSA's provenance 1.0, which cosign calls slsaprovenance1. */
export const provenanceType = "https://slsa.dev/provenance/v1";

/** BuildKit's own build type (buildkit 0.31, solver/llbsolver/provenance/types), and that of an index. */
const buildTypes = {
    build: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
    index: "urn:harbor-build:index:1",
} as const;

/** Largest predicate, in bytes: its attestation must fit into one answer of a registry, which has 8 MiB. */
const bytesMax = 4 * 1024 * 1024;

/** What BuildKit does not know about a build. */
export interface OwnFacts {
    /** Version of this package. */
    readonly version: string | undefined;
    /** Pulumi's project and stack. */
    readonly project: string;
    readonly stack: string;
    /** Logical name of the component. */
    readonly component: string;
    /** Digest of the part of the Dockerfile, and of the files that the build could read. */
    readonly slice?: string | undefined;
}

/** What BuildKit recorded of a build, or why there is no record. */
export type RecordedBuild =
    | {
          /** BuildKit's predicate. */
          readonly predicate: object;
          readonly steps: { readonly total: number; readonly cached: number };
      }
    | { readonly reason: string };

/**
 * The provenance of an image: BuildKit's without secrets, what only this package knows, and a list of
 * what is not known.
 */
export function buildProvenance(
    record: RecordedBuild,
    facts: OwnFacts,
    secrets: BuildSecrets,
): object {
    if ("reason" in record) {
        const reason = secretHider(secrets.texts)(record.reason);
        const unknown = [`everything about the build: ${reason}`];
        return predicateOf(buildTypes.build, facts, { unknown });
    }
    const isSecret = secrets.names.some((name) => name.startsWith("build-arg:"));
    const full = completed(
        record,
        facts,
        secrets,
        // Their environment has the values of build arguments.
        isSecret ? { parts: ["buildConfig"], why: "a build argument is secret" } : undefined,
    );
    return JSON.stringify(full).length <= bytesMax
        ? full
        : completed(record, facts, secrets, {
              parts: ["buildConfig", "buildkit_metadata"],
              why: "the Dockerfile and the steps are too large",
          });
}

/** The provenance of an index that joins the images of platforms. */
export function indexProvenance(
    images: readonly { readonly platform: string; readonly digest: string }[],
    facts: OwnFacts,
): object {
    return predicateOf(buildTypes.index, facts, {
        resolvedDependencies: images.map(({ platform, digest }) => {
            const [algorithm = "", hex] = digest.split(":");
            return { name: platform, digest: { [algorithm]: hex } };
        }),
        unknown: ["the builds of the platforms: each platform's image has its own provenance"],
    });
}

function completed(
    { predicate, steps: { total, cached } }: Exclude<RecordedBuild, { readonly reason: string }>,
    facts: OwnFacts,
    secrets: BuildSecrets,
    without: { readonly parts: readonly string[]; readonly why: string } | undefined,
): object {
    const shown = asRecord(publicProvenance(predicate, secrets, without?.parts ?? []));
    const definition = asRecord(shown["buildDefinition"]);
    const details = asRecord(shown["runDetails"]);
    const builder = asRecord(details["builder"]);
    const metadata = asRecord(asRecord(predicate)["runDetails"])["metadata"];
    const vcs = asRecord(asRecord(asRecord(metadata)["buildkit_metadata"])["vcs"]);
    const commit = asText(vcs["revision"]);
    const unknown = [
        ...(asText(builder["id"]) === "" ? ["who ran the build: BuildKit has no builder id"] : []),
        ...(cached > 0 ? [`which builds ran ${cached} of ${total} steps: a cache had them`] : []),
        ...(commit === "" ? [] : ["whether the files differ from the commit"]),
        ...(without === undefined ? [] : [`${without.parts.join(", ")}: ${without.why}`]),
    ];
    return {
        ...shown,
        buildDefinition: {
            ...definition,
            internalParameters: {
                ...asRecord(definition["internalParameters"]),
                harborBuild: {
                    ...facts,
                    ...(commit === "" ? {} : { commit }),
                    steps: total,
                    cachedSteps: cached,
                    unknown,
                },
            },
        },
        runDetails: { ...details, builder: { id: "", ...builder } },
    };
}

function predicateOf(
    buildType: string,
    facts: OwnFacts,
    {
        unknown,
        resolvedDependencies,
    }: { readonly unknown: readonly string[]; readonly resolvedDependencies?: readonly object[] },
): object {
    return {
        buildDefinition: {
            buildType,
            externalParameters: {},
            internalParameters: { harborBuild: { ...facts, unknown } },
            ...(resolvedDependencies === undefined ? {} : { resolvedDependencies }),
        },
        runDetails: { builder: { id: "" } },
    };
}
