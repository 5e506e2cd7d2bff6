export { CachedImage, type PushedImage } from "./cachedImage";
export {
    type CachedImageArgs,
    type CachedImageCacheArgs,
    type CachedImageCredentialsArgs,
    type CachedImageProjectArgs,
    PreviewMode,
} from "./cachedImageArgs";
export { type Fault, UserError } from "./userError";
