export { CacheBackend } from "./cache/backend";
export { CachedImage, type PushedImage } from "./cachedImage";
export {
    type CachedImageArgs,
    type CachedImageCacheArgs,
    type CachedImageCredentialsArgs,
    type CachedImageProjectArgs,
    type CachedImageSshArgs,
    NetworkMode,
    PreviewMode,
} from "./cachedImageArgs";
export { type Fault, UserError } from "./userError";
