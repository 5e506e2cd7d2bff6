export { BaseImagePolicy } from "./bases/policy";
export { CacheBackend } from "./cache/backend";
export { CachedImage, type PushedImage } from "./cachedImage";
export {
    type CachedImageArgs,
    type CachedImageCacheArgs,
    type CachedImageContextLimitsArgs,
    type CachedImageCredentialsArgs,
    type CachedImageProjectArgs,
    type CachedImageProjectCacheArgs,
    type CachedImageSshArgs,
    NetworkMode,
    PreviewMode,
} from "./cachedImageArgs";
export { SlicePolicy } from "./context/slicePolicy";
export { ImageProject, type RegistryCredentials, type SharedProject } from "./imageProject";
export {
    type ImageProjectArgs,
    type ImageProjectCacheArgs,
    type ImageProjectCredentialsArgs,
    type ImageProjectImageRetentionArgs,
    type ImageProjectRetentionArgs,
    type ImageProjectSecretsArgs,
    Severity,
} from "./imageProjectArgs";
export { type Fault, UserError } from "./userError";
