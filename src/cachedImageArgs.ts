import type * as pulumi from "@pulumi/pulumi";
import type { BaseImagePolicy } from "./bases/policy";
import type { CacheBackend } from "./cache/backend";
import type { SlicePolicy } from "./context/slicePolicy";

/** What a preview does with an image that would be built. */
export const PreviewMode = {
    /** Say that it would be built. */
    Plan: "plan",
    /** Build it, push nothing and write no cache; a failing instruction fails the preview. */
    Build: "build",
} as const;
export type PreviewMode = (typeof PreviewMode)[keyof typeof PreviewMode];

/** Network that `RUN` instructions see. */
export const NetworkMode = { Default: "default", None: "none", Host: "host" } as const;
export type NetworkMode = (typeof NetworkMode)[keyof typeof NetworkMode];

/**
 * Arguments of {@link CachedImage}.
 *
 * What decides which resources there are and which references they use is a plain value, so that
 * every preview knows it; everything else takes an `Input`.
 */
export interface CachedImageArgs {
    /** The Harbor project that holds the image and its cache; or an image project's: `project: shop.project`. */
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
     * @default the named stages that the app image copies from, directly or through others, and that run anything
     */
    builderStages?: string[];

    /**
     * Values of the Dockerfile's `ARG`s, not for secrets: they stay in the image. Values may be outputs.
     * With all of them in one output, the names are unknown too, and images are built from the whole
     * Dockerfile and context. Equivalent to Docker's `--build-arg`. @default none
     */
    buildArgs?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /**
     * Secrets that `RUN --mount=type=secret` reads, by id. They stay out of the image and, in the
     * state, secret; a rotated one is no diff and no build. Equivalent to Docker's `--secret`.
     */
    secrets?: Record<string, pulumi.Input<string>>;

    /** SSH agents or keys that `RUN --mount=type=ssh` uses. Equivalent to Docker's `--ssh`. @default none */
    ssh?: CachedImageSshArgs[];

    /**
     * Further contexts that the Dockerfile reads, by name: folders relative to the program's, or what
     * Docker takes (`docker-image://…`, a URL). Equivalent to Docker's `--build-context`. @default none
     */
    namedContexts?: Record<string, string>;

    /** Labels of the app image; a changed one is a build. Equivalent to Docker's `--label`. @default none */
    labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /**
     * Labels of the app image that tell of the run that built it, such as
     * `org.opencontainers.image.revision` with the commit, or a time. A change of them alone is no
     * diff and no build: the image bears those of the run in which anything it is made of last
     * changed. Built again unchanged, after a failure or a loss, it bears the same ones once more.
     *
     * @default none
     */
    buildLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /** Network of `RUN`: `default`, `none` or `host`. Equivalent to Docker's `--network`. @default `default` */
    network?: NetworkMode;

    /** Host names that `RUN` can resolve, as `name:address`. Equivalent to Docker's `--add-host`. @default none */
    extraHosts?: pulumi.Input<pulumi.Input<string>[]>;

    /**
     * Platforms to build for, as `linux/arm64`, in any spelling that BuildKit takes. Several are built one by one, each with a cache of
     * its own, and joined in one index. Equivalent to Docker's `--platform`.
     *
     * @default the platform of the BuildKit that builds
     */
    platforms?: string[];

    /**
     * Whether the app image's first tag says what it was built from: `src-` and twelve hexadecimal
     * digits of its Dockerfile, files, named contexts and build arguments; with pinned base images
     * eight more of theirs. Unchanged content keeps its tag.
     *
     * @default false
     */
    tagByContent?: boolean;

    /**
     * What is done about base images, those that `FROM`, `COPY --from`, `RUN --mount=from` and
     * `namedContexts` name by tag. `Pin` asks the registries, in previews too, which digests the tags have: they are built on
     * and recorded, and a moved tag is a diff. One that cannot be asked for is an error.
     *
     * @default `BaseImagePolicy.Float`
     */
    baseImages?: BaseImagePolicy;

    /**
     * Registries that are asked for digests in place of others, by host: `{ "docker.io":
     * "harbor.example.com/dockerhub" }` asks a proxy-cache project of Harbor. Builds still pull by the
     * name in the Dockerfile; `mirrors` in `buildkitd.toml` does the same for them.
     *
     * @default none
     */
    baseImageMirrors?: Record<string, string>;

    /**
     * How much of the Dockerfile and of the context images are built from. By default that is what
     * their stages read, so that a change of anything else is no diff. `SlicePolicy.Whole` gives
     * BuildKit the whole of both, as `docker build` does: for a base image whose `ONBUILD` triggers
     * read more, and for a Dockerfile that the component reads differently than BuildKit.
     *
     * @default `SlicePolicy.Auto`
     */
    slicing?: SlicePolicy;

    /**
     * How much of the context an image may read before the preview warns. The build goes on: a
     * folder that nobody meant to send is what makes it slow.
     *
     * @default 100,000 files, 2 GiB
     */
    contextLimits?: CachedImageContextLimitsArgs;

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

    /**
     * Days for which the robot account that is made is valid, counted from its creation; -1 is for
     * ever. A changed number builds nothing.
     *
     * @default -1
     */
    robotDays?: pulumi.Input<number>;

    /** What a preview does with an image that would be built. @default `PreviewMode.Plan` */
    preview?: PreviewMode;

    /**
     * Whether the images, and the project that holds them, stay in Harbor when the stack is
     * destroyed. With `false` the project is deleted with everything in it, through the Harbor
     * provider; that takes a project declared here. A project that is renamed is replaced, and
     * then, too, the old one goes with its images when the new one has them.
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

    /** Credentials that the project brings along; those of the image go before. @default none */
    credentials?: CachedImageCredentialsArgs;

    /** The place for caches that the project brings along; what the image's `cache` says goes before. @default none */
    cache?: CachedImageProjectCacheArgs;
}

/** The place for caches that goes with a Harbor project. */
export interface CachedImageProjectCacheArgs {
    /** Harbor project that holds the cache. @default the image's */
    project?: string;

    /** How the cache is kept. @default `CacheBackend.Inline` */
    backend?: CacheBackend;
}

/** Where the cache of a {@link CachedImage} is kept and what else is read. */
export interface CachedImageCacheArgs {
    /** Harbor project that holds the cache; the credentials must reach it too. @default the image's */
    project?: string;

    /** How the cache is kept. @default `CacheBackend.Inline` */
    backend?: CacheBackend;

    /** Whether the own scope's cache is written; pull requests' stacks may only read. @default true */
    write?: boolean;

    /** Name of the cache that this stack reads and writes. @default the stack's name */
    scope?: string;

    /**
     * Scopes whose caches the own one takes over before anything is built, nearest first; they are
     * never written. A stack that does not write only reads them. The stack's own name among them
     * counts for nothing, so that all stacks can share a program.
     *
     * @default none
     */
    fallbackScopes?: string[];

    /**
     * References of other images to read cache from. Those that this component reads anyway are left
     * out, so that all stacks can share a program. Equivalent to Docker's `--cache-from`. @default none
     */
    sources?: string[];
}

/** Limits above which the context of a {@link CachedImage} gets a warning. */
export interface CachedImageContextLimitsArgs {
    /** Number of files and links. @default 100_000 */
    filesMax?: number;

    /** Size of all files together, in bytes. @default 2_147_483_648 (2 GiB) */
    bytesMax?: number;
}

/** An SSH agent or keys for a {@link CachedImage}. */
export interface CachedImageSshArgs {
    /** Id that the Dockerfile names. @default `default` */
    id?: string;

    /**
     * Paths of an agent's socket or of private keys. docker-build compares them, so absolute ones are
     * a diff on a machine that has others. @default the socket of `SSH_AUTH_SOCK`
     */
    paths?: pulumi.Input<pulumi.Input<string>[]>;
}

/** An account of the registry that can pull and push in the project. */
export interface CachedImageCredentialsArgs {
    /** Full name of the account: `robot$shop+ci`. */
    username: pulumi.Input<string>;

    /** Its secret. Kept secret in state. */
    password: pulumi.Input<string>;
}
