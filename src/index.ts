export type {
    CachedImageCredentialsArgs,
    CachedImageProjectArgs,
    CachedImageProjectCacheArgs,
} from "./access/args";
export { type Fault, UserError } from "./arguments/userError";
export { BaseImagePolicy } from "./bases/policy";
export { CacheBackend } from "./cache/backend";
export {
    type CachedImageArgs,
    type CachedImageCacheArgs,
    type CachedImageContextLimitsArgs,
    type CachedImageExportArgs,
    type CachedImageSignArgs,
    type CachedImageSigner,
    type CachedImageSshArgs,
    ExportType,
    NetworkMode,
    PreviewMode,
} from "./image/args";
export { CachedImage } from "./image/cachedImage";
export type { PushedImage } from "./image/pushedImage";
export {
    type ImageProjectArgs,
    type ImageProjectCacheArgs,
    type ImageProjectCredentialsArgs,
    type ImageProjectImageRetentionArgs,
    type ImageProjectRetentionArgs,
    type ImageProjectSecretsArgs,
    Severity,
} from "./project/args";
export { ImageProject, type SharedProject } from "./project/imageProject";
export type { RegistryCredentials } from "./project/robots";
export { SlicePolicy } from "./slice/slicePolicy";
