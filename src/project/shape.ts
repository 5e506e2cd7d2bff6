import { credentialsShape } from "../access/shape";
import {
    flag,
    input,
    list,
    number,
    object,
    oneOf,
    required,
    type Shape,
    text,
} from "../arguments/shape";
import { CacheBackend } from "../cache/backend";
import {
    type ImageProjectArgs,
    type ImageProjectCacheArgs,
    type ImageProjectCredentialsArgs,
    type ImageProjectImageRetentionArgs,
    type ImageProjectRetentionArgs,
    type ImageProjectSecretsArgs,
    Severity,
} from "./args";

/** The arguments of an `ImageProject`. */
export const imageProjectShape: Shape = object<ImageProjectArgs>({
    name: required(text, '"shop"'),
    existing: flag,
    import: text,
    public: input(flag),
    storageQuota: input(number),
    vulnerabilityScanning: input(flag),
    deploymentSecurity: oneOf(Severity),
    cveAllowlists: input(list(input(text))),
    enableContentTrust: flag,
    enableContentTrustCosign: flag,
    immutableTags: list(text),
    retention: object<ImageProjectRetentionArgs>({
        cacheDays: number,
        images: object<ImageProjectImageRetentionArgs>({
            days: number,
            count: number,
            tags: list(text),
        }),
        schedule: input(text),
    }),
    cache: object<ImageProjectCacheArgs>({
        project: text,
        backend: oneOf(CacheBackend),
        storageQuota: input(number),
        import: text,
    }),
    credentials: object<ImageProjectCredentialsArgs>({
        push: credentialsShape,
        read: credentialsShape,
        pull: credentialsShape,
    }),
    secrets: object<ImageProjectSecretsArgs>({
        push: input(text),
        read: input(text),
        pull: input(text),
    }),
    robotDays: input(number),
    registry: text,
    retainImages: flag,
});
