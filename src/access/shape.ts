import { flag, input, number, object, oneOf, required, type Shape, text } from "../arguments/shape";
import { CacheBackend } from "../cache/backend";
import type {
    CachedImageCredentialsArgs,
    CachedImageProjectArgs,
    CachedImageProjectCacheArgs,
} from "./args";

/** An account, for every argument that accepts one. */
export const credentialsShape: Shape = object<CachedImageCredentialsArgs>({
    username: required(input(text), '"robot$shop+ci"'),
    password: required(input(text), "a secret of the Pulumi configuration"),
});

/** The Harbor project of an image. */
export const projectShape: Shape = object<CachedImageProjectArgs>({
    name: required(text, '"shop"'),
    existing: flag,
    import: text,
    public: input(flag),
    storageQuota: input(number),
    contentTrust: flag,
    credentials: credentialsShape,
    cache: object<CachedImageProjectCacheArgs>({ project: text, backend: oneOf(CacheBackend) }),
});
