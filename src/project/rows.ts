import type * as harbor from "@pulumi/harbor";
import { credentialsShape } from "../access/shape";
import type { Row } from "../arguments/row";
import { flag, input, list, number, object, oneOf, required, text } from "../arguments/shape";
import { CacheBackend } from "../cache/backend";
import {
    type ImageProjectArgs,
    type ImageProjectCacheArgs,
    type ImageProjectCredentialsArgs,
    type ImageProjectImageRetentionArgs,
    type ImageProjectRetentionArgs,
    type ImageProjectReviewsArgs,
    type ImageProjectSecretsArgs,
    Severity,
} from "./args";
import * as faults from "./faults";

/** The specification of one argument of an `ImageProject`. */
export interface ProjectRow<Value> extends Row<Value, ImageProjectArgs> {
    /** Whether only the stack that declares the project can set the value, or which members of it. */
    readonly declaring?: true | readonly string[];
    /** Whether Harbor's project has an input of the same name. */
    readonly passed?: true;
}

/** One row for each argument: a new argument without a row does not compile. */
type ProjectRows = {
    readonly [K in keyof ImageProjectArgs]-?: ProjectRow<NonNullable<ImageProjectArgs[K]>> & {
        readonly passed?: K extends keyof harbor.ProjectArgs ? true : never;
    };
};

/**
 * The specification of every argument of an `ImageProject`. The types, the checks, what the state
 * shows, the inputs of Harbor's project and the documentation's table are derived from these rows.
 */
export const imageProjectRows: ProjectRows = {
    name: {
        shape: required(text, '"shop"'),
        check: (name = "") => faults.nameFaults("name", name),
        passed: true,
    },
    existing: { shape: flag },
    import: { shape: text, declaring: true },
    public: { shape: input(flag), declaring: true, passed: true },
    storageQuota: { shape: input(number), declaring: true, passed: true },
    vulnerabilityScanning: { shape: input(flag), declaring: true, passed: true },
    autoSbomGeneration: { shape: input(flag), declaring: true, passed: true },
    deploymentSecurity: { shape: oneOf(Severity), passed: true },
    cveAllowlists: { shape: input(list(input(text))), declaring: true, passed: true },
    enableContentTrust: { shape: flag, passed: true },
    enableContentTrustCosign: { shape: flag, passed: true },
    immutableTags: {
        shape: list(text),
        declaring: true,
        check: (patterns) => faults.patternFaults("immutableTags", patterns),
    },
    retention: {
        shape: object<ImageProjectRetentionArgs>({
            cacheDays: number,
            images: object<ImageProjectImageRetentionArgs>({
                days: number,
                count: number,
                tags: list(text),
            }),
            schedule: input(text),
        }),
        declaring: true,
        check: faults.retentionFaults,
    },
    cache: {
        shape: object<ImageProjectCacheArgs>({
            project: text,
            backend: oneOf(CacheBackend),
            storageQuota: input(number),
            import: text,
        }),
        declaring: ["storageQuota", "import"],
        check: faults.cacheFaults,
    },
    reviews: {
        shape: object<ImageProjectReviewsArgs>({
            project: required(text, '"shop-reviews"'),
            days: number,
        }),
        declaring: true,
        check: faults.reviewFaults,
    },
    credentials: {
        shape: object<ImageProjectCredentialsArgs>({
            push: credentialsShape,
            read: credentialsShape,
            pull: credentialsShape,
            review: credentialsShape,
        }),
        check: faults.credentialFaults,
        // A rotated password is no diff.
        shown: (accounts) =>
            Object.fromEntries(
                Object.entries(accounts).map(([role, { username }]) => [role, username]),
            ),
    },
    secrets: {
        shape: object<ImageProjectSecretsArgs>({
            push: input(text),
            read: input(text),
            pull: input(text),
            review: input(text),
        }),
        check: faults.secretFaults,
        shown: Object.keys,
    },
    robotDays: { shape: input(number), check: faults.robotFaults },
    registry: { shape: text },
    retainImages: { shape: flag, declaring: true },
};
