import type * as pulumi from "@pulumi/pulumi";
import type { CacheBackend } from "../cache/backend";

/** The Harbor project of a `CachedImage`. */
export interface CachedImageProjectArgs {
    /**
     * Name of the project in Harbor: lower-case letters and digits, with single `.`, `_` or `-` between
     * them. In another registry, what the names of its repositories start with: `org` or `org/team`.
     */
    name: string;

    /** Use an existing project without managing it. @default false: the component declares the project */
    existing?: boolean;

    /**
     * Id in Harbor (`/projects/7`) of an existing project to manage from now on. Equivalent to Pulumi's
     * `import` resource option.
     */
    import?: string;

    /** Whether everyone may pull from the project. @default false */
    public?: pulumi.Input<boolean>;

    /** Storage limit of the project, in GiB; -1 is no limit. @default -1 */
    storageQuota?: pulumi.Input<number>;

    /**
     * Whether the preview warns of an image without `sign`, because the project has content trust with
     * cosign: Harbor then lets nobody pull such an image. This argument does not turn content trust on.
     *
     * @default false
     */
    contentTrust?: boolean;

    /** Credentials for the project; the image's own `credentials` take precedence. @default none */
    credentials?: CachedImageCredentialsArgs;

    /** Where the project keeps caches; the image's own `cache` takes precedence. @default none */
    cache?: CachedImageProjectCacheArgs;
}

/** Where a Harbor project keeps the caches of its images. */
export interface CachedImageProjectCacheArgs {
    /** Harbor project that holds the cache. @default the image's project */
    project?: string;

    /** How the cache is kept. @default `CacheBackend.Inline` */
    backend?: CacheBackend;
}

/** An account of the registry that can pull and push in the project. */
export interface CachedImageCredentialsArgs {
    /** Full name of the account: `robot$shop+ci`. */
    username: pulumi.Input<string>;

    /** Secret of the account. Encrypted in the state. */
    password: pulumi.Input<string>;
}

/** The arguments of an image that decide where it and its cache are stored. */
export interface PlaceArgs {
    readonly registry?: string;
    readonly project: CachedImageProjectArgs;
    readonly credentials?: CachedImageCredentialsArgs;
    readonly cache?: {
        readonly project?: string;
        readonly fallbackProject?: string;
        readonly repository?: string;
    };
    readonly tags?: readonly string[];
}

/** The arguments of an image that decide which project it uses and which account pushes it. */
export interface AccessArgs {
    readonly project: CachedImageProjectArgs;
    readonly credentials?: CachedImageCredentialsArgs;
    readonly cache?: CachedImageProjectCacheArgs & { readonly fallbackProject?: string };
    readonly robotDays?: pulumi.Input<number>;
    readonly retainImages?: boolean;
}
