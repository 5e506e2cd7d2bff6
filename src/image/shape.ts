import { credentialsShape, projectShape } from "../access/shape";
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
} from "../arguments/shape";
import { BaseImagePolicy } from "../bases/policy";
import { CacheBackend } from "../cache/backend";
import { SlicePolicy } from "../slice";
import {
    type CachedImageArgs,
    type CachedImageCacheArgs,
    type CachedImageContextLimitsArgs,
    type CachedImageSshArgs,
    NetworkMode,
    PreviewMode,
} from "./args";

/** The arguments of a `CachedImage`. */
export const cachedImageShape: Shape = object<CachedImageArgs>({
    project: required(projectShape, '{ name: "shop" }'),
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
