import type * as pulumi from "@pulumi/pulumi";

/** What a preview does with an image that would be built. */
export const PreviewMode = {
    /** Say that it would be built. */
    Plan: "plan",
    /** Build it, push nothing and write no cache; a failing instruction fails the preview. */
    Build: "build",
} as const;
export type PreviewMode = (typeof PreviewMode)[keyof typeof PreviewMode];

/**
 * Arguments of {@link CachedImage}.
 *
 * What decides which resources there are and which references they use is a plain value, so that
 * every preview knows it; everything else takes an `Input`.
 */
export interface CachedImageArgs {
    /** The Harbor project that holds the image and its cache. */
    project: CachedImageProjectArgs;

    /** Folder that is sent to the build, relative to the program's. Equivalent to Docker's `PATH`. */
    context: string;

    /** Path of the Dockerfile, relative to the program's folder. Equivalent to Docker's `--file`. @default `Dockerfile` in the context */
    dockerfile?: string;

    /** Name of the image below the project: `fm` in `harbor.example.com/shop/fm`. @default the component's name */
    image?: string;

    /** Tags of the app image. Equivalent to Docker's `--tag`, without the repository. @default `["latest"]` */
    tags?: string[];

    /** Stage that is the app image. Equivalent to Docker's `--target`. @default the Dockerfile's last stage */
    target?: string;

    /**
     * Stages whose images are pushed as cache, by name.
     *
     * @default the named stages that the app image copies from, and those that they copy from
     */
    builderStages?: string[];

    /** Values of the Dockerfile's `ARG`s, not for secrets: they stay in the image. Equivalent to Docker's `--build-arg`. */
    buildArgs?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /** Where the cache is kept. */
    cache?: CachedImageCacheArgs;

    /**
     * Host of the registry, with its port when it has one.
     *
     * @default the host of the Pulumi configuration `harbor:url`, then of the variable `HARBOR_URL`
     */
    registry?: string;

    /** Credentials that can pull and push in the project. @default a robot account is made that can do just that */
    credentials?: CachedImageCredentialsArgs;

    /** What a preview does with an image that would be built. @default `PreviewMode.Plan` */
    preview?: PreviewMode;

    /**
     * Whether the images, and the project that holds them, stay in Harbor when the stack is
     * destroyed. With `false` the project is deleted with everything in it, through the Harbor
     * provider; that takes a project declared here.
     *
     * @default true
     */
    retainImages?: boolean;
}

/** The Harbor project of a {@link CachedImage}. */
export interface CachedImageProjectArgs {
    /** Name of the project in Harbor: lower-case letters and digits, with single `.`, `_` or `-` between them. */
    name: string;

    /** Use a project that exists, and do not manage it here. @default false: the project is declared by this component */
    existing?: boolean;

    /**
     * Id in Harbor (`/projects/7`) of a project that exists and is to be managed from here on.
     * Equivalent to Pulumi's `import` resource option.
     */
    import?: string;

    /** Whether everyone may pull from the project. @default false */
    public?: pulumi.Input<boolean>;

    /** Limit of what the project may store, in GiB; -1 is no limit. @default -1 */
    storageQuota?: pulumi.Input<number>;
}

/** Where the cache of a {@link CachedImage} is kept and what else is read. */
export interface CachedImageCacheArgs {
    /** Name of the cache that this stack reads and writes. @default the stack's name */
    scope?: string;

    /** Scopes that are read, never written, when the own one lacks something; nearest first. @default none */
    fallbackScopes?: string[];

    /** References of other images to read cache from. Equivalent to Docker's `--cache-from`. @default none */
    sources?: string[];
}

/** An account of the registry that can pull and push in the project. */
export interface CachedImageCredentialsArgs {
    /** Full name of the account: `robot$shop+ci`. */
    username: pulumi.Input<string>;

    /** Its secret. Kept secret in state. */
    password: pulumi.Input<string>;
}
