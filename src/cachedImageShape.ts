import {
    flag,
    input,
    list,
    map,
    number,
    object,
    oneOf,
    required,
    type Shape,
    text,
} from "./argumentShape";
import { BaseImagePolicy } from "./bases/policy";
import { CacheBackend } from "./cache/backend";
import {
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
import { SlicePolicy } from "./context";

/** An account, for every argument that accepts one. */
export const credentialsShape: Shape = object<CachedImageCredentialsArgs>({
    username: required(input(text), '"robot$shop+ci"'),
    password: required(input(text), "a secret of the Pulumi configuration"),
});

/** The arguments of a `CachedImage`. */
export const cachedImageShape: Shape = object<CachedImageArgs>({
    project: required(
        object<CachedImageProjectArgs>({
            name: required(text, '"shop"'),
            existing: flag,
            import: text,
            public: input(flag),
            storageQuota: input(number),
            credentials: credentialsShape,
            cache: object<CachedImageProjectCacheArgs>({
                project: text,
                backend: oneOf(CacheBackend),
            }),
        }),
        '{ name: "shop" }',
    ),
    context: required(text, '"./fm"'),
    dockerfile: text,
    image: text,
    tags: list(text),
    target: text,
    builderStages: list(text),
    buildArgs: input(map(input(text))),
    secrets: map(input(text)),
    ssh: list(object<CachedImageSshArgs>({ id: text, paths: input(list(input(text))) })),
    namedContexts: map(text),
    labels: input(map(input(text))),
    buildLabels: input(map(input(text))),
    network: oneOf(NetworkMode),
    extraHosts: input(list(input(text))),
    platforms: list(text),
    tagByContent: flag,
    baseImages: oneOf(BaseImagePolicy),
    baseImageMirrors: map(text),
    slicing: oneOf(SlicePolicy),
    contextLimits: object<CachedImageContextLimitsArgs>({ filesMax: number, bytesMax: number }),
    cache: object<CachedImageCacheArgs>({
        project: text,
        backend: oneOf(CacheBackend),
        write: flag,
        scope: text,
        fallbackScopes: list(text),
        sources: list(text),
    }),
    registry: text,
    credentials: credentialsShape,
    robotDays: input(number),
    preview: oneOf(PreviewMode),
    retainImages: flag,
});
