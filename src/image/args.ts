import type * as pulumi from "@pulumi/pulumi";
import type { CachedImageCredentialsArgs, CachedImageProjectArgs } from "../access/args";
import type { BaseImagePolicy } from "../bases/policy";
import type { CacheBackend } from "../cache/backend";
import type { SlicePolicy } from "../slice/slicePolicy";

/** What a preview does with an image that would be built. */
export const PreviewMode = {
    /** Report the build without running it. */
    Plan: "plan",
    /** Build the image without pushing it or writing a cache; a failing instruction fails the preview. */
    Build: "build",
} as const;
export type PreviewMode = (typeof PreviewMode)[keyof typeof PreviewMode];

/** What a further export of the app image writes. */
export const ExportType = {
    /** An OCI layout: a folder with the manifest and the layers. */
    Oci: "oci",
    /** The files of the image, in a folder. */
    Local: "local",
    /** The image in a Docker daemon. */
    Docker: "docker",
} as const;
export type ExportType = (typeof ExportType)[keyof typeof ExportType];

/** Network of `RUN` instructions. */
export const NetworkMode = { Default: "default", None: "none", Host: "host" } as const;
export type NetworkMode = (typeof NetworkMode)[keyof typeof NetworkMode];

/**
 * Arguments of {@link CachedImage}.
 *
 * Arguments that determine the resources and their references are plain values, so that every
 * preview knows them. The other arguments accept an `Input`.
 */
export interface CachedImageArgs {
    /** Harbor project for the image and its cache, or the `project` of an `ImageProject`: `project: shop.project`. */
    project: CachedImageProjectArgs;

    /**
     * Build context: a folder, relative to the program's folder, or a URL of a Git repository or a
     * tarball (`https://github.com/owner/name.git#COMMIT:FOLDER`). BuildKit fetches a URL, so the
     * component does not know its files: there are no slices, and only a different URL is a diff. Name
     * a commit or a version in the URL. The component finds builder stages only in
     * `dockerfileInline`. For a private repository, set the secret `GIT_AUTH_TOKEN`. Equivalent to
     * Docker's `PATH | URL`.
     */
    context: string;

    /** Path of the Dockerfile, relative to the program's folder. Equivalent to Docker's `--file`. @default `Dockerfile` in the context */
    dockerfile?: string;

    /**
     * Text of the Dockerfile, instead of a file. The only ignore file that applies is
     * `.dockerignore` in the context. Equivalent to `dockerfile-inline` of Docker's Bake.
     *
     * @default the file in `dockerfile`
     */
    dockerfileInline?: string;

    /** Name of the image in the project: `fm` in `harbor.example.com/shop/fm`. @default the component's name */
    image?: string;

    /** Tags of the app image. Equivalent to Docker's `--tag`, without the repository. @default `["latest"]`; none with `tagByContent` */
    tags?: string[];

    /** Stage that becomes the app image. Equivalent to Docker's `--target`. @default the Dockerfile's last stage */
    target?: string;

    /**
     * Stages whose images are pushed as cache, by name.
     *
     * @default the named stages that the app image copies or mounts from, directly or through other
     * stages, if the stage, or one that it is built on, has a `RUN` or a remote `ADD`; of such stages that
     * are built on each other with `FROM`, only the last; not the stages that the app image itself is
     * built on, and not stages that use `TARGETSTAGE`
     */
    builderStages?: string[];

    /**
     * Values of the Dockerfile's `ARG`s; not for secrets, since the values stay in the image. Each
     * value may be an output. If the whole object is one output, the names are unknown too, and the
     * component builds from the whole Dockerfile and context. Equivalent to Docker's `--build-arg`.
     * @default none
     */
    buildArgs?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /**
     * Secrets by id, which `RUN --mount=type=secret` reads; BuildKit also logs in to private sources with
     * the secrets that have the following ids: `GIT_AUTH_TOKEN` or `GIT_AUTH_HEADER` (all git servers),
     * `GIT_AUTH_TOKEN.HOST` or `GIT_AUTH_HEADER.HOST` (one git server), and `HTTP_AUTH_TOKEN_HOST` or
     * `HTTP_AUTH_HEADER_HOST` (downloads); HOST is the server's host name. The image does not contain
     * them, and the state encrypts them. A rotated secret causes no diff and no build. Equivalent to
     * Docker's `--secret`. @default none
     */
    secrets?: Record<string, pulumi.Input<string>>;

    /** SSH agents or keys that `RUN --mount=type=ssh` uses; `default` also fetches git sources over SSH. Equivalent to Docker's `--ssh`. @default none */
    ssh?: CachedImageSshArgs[];

    /**
     * Further contexts that the Dockerfile reads, by name: folders relative to the program's folder, or
     * locations that Docker accepts (`docker-image://…`, a URL). Equivalent to Docker's
     * `--build-context`. @default none
     */
    namedContexts?: Record<string, string>;

    /** Labels of the app image; changing a label triggers a build. Equivalent to Docker's `--label`. @default none */
    labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /**
     * Labels of the app image that describe the run, such as the commit; changing only these labels
     * causes no diff and no build. The image keeps the labels of the run that last changed it. If
     * an unchanged image is built again, after a failure or after it was lost, it gets the same
     * labels again.
     *
     * @default none
     */
    buildLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;

    /**
     * Further exports of the app image, in addition to the push to Harbor: at most one of each
     * type, and only of an image for one platform. The component writes them after each build of
     * the app image, never in a preview. Equivalent to Docker's `--output`.
     *
     * @default none
     */
    exports?: CachedImageExportArgs[];

    /** Network of `RUN`: `default`, `none` or `host`. Equivalent to Docker's `--network`. @default `default` */
    network?: NetworkMode;

    /** Host names for `RUN` to resolve, as `name:address`. Equivalent to Docker's `--add-host`. @default none */
    extraHosts?: pulumi.Input<pulumi.Input<string>[]>;

    /**
     * Platforms to build for, such as `linux/arm64`, in any spelling that BuildKit accepts. Several
     * platforms on one builder are built one after the other, each with its own cache, and joined in one index.
     * Equivalent to Docker's `--platform`.
     *
     * @default the platform of the BuildKit that builds
     */
    platforms?: string[];

    /**
     * Whether builds ignore every cache, of the builder and of the stack, and run each instruction
     * again; they still write the stack's cache. The saves of cache mounts are replaced by those of
     * this run, or dropped. Use it for one run, when you no longer trust the cache: with `true`,
     * each build of the component takes as long as the first. Changing it builds the images again.
     * Equivalent to Docker's `--no-cache`.
     *
     * @default false
     */
    noCache?: pulumi.Input<boolean>;

    /**
     * Whether every `up` builds the images again and asks the registries for the current base images,
     * with a diff in every preview. `BaseImagePolicy.Pin` also follows moved tags, and builds only
     * when one moved. Equivalent to Docker's `--pull`.
     *
     * @default false
     */
    pull?: pulumi.Input<boolean>;

    /**
     * Name of the buildx builder that builds the images, as `docker buildx ls` lists it. Its driver is
     * `docker-container`, `kubernetes` or `remote`. Changing the name builds the images again, from the
     * stack's cache. Equivalent to Docker's `--builder`.
     *
     * @default the current builder, else the first other builder that answers, else a container that
     * docker-build starts without your settings; docker-build ignores `BUILDX_BUILDER`
     */
    builder?: string;

    /**
     * Buildx builders for single platforms, such as `{ "linux/arm64": "arm" }`. `builder` builds the
     * other platforms. Platforms with different builders are built at the same time, and those of one
     * builder one after the other.
     *
     * @default none
     */
    platformBuilders?: Record<string, string>;

    /**
     * Whether the app image gets, before `tags`, a tag that is derived from its content: `src-` and 32
     * hexadecimal digits; `buildArgs`, `labels` and `extraHosts` must then be plain values. The
     * tag depends on the Dockerfile, the files, the target, the platform, named contexts, pinned base
     * images, build arguments, labels, the network and extra hosts, and changes only with them.
     *
     * @default false
     */
    tagByContent?: boolean;

    /**
     * Whether images are built on the current digests of their base images (`BaseImagePolicy.Pin`), so
     * that a moved tag is a diff. Base images are those that `FROM`, `COPY --from`, `RUN --mount=from`
     * and `namedContexts` name by tag. The component asks the registries for the digests, in previews
     * too, and the state records them. A digest that a registry does not return is an error.
     *
     * @default `BaseImagePolicy.Float`
     */
    baseImages?: BaseImagePolicy;

    /**
     * Registries to ask for the digests of base images, by the host in the Dockerfile:
     * `{ "docker.io": "harbor.example.com/dockerhub" }` asks a proxy-cache project of Harbor. Builds
     * still pull by the name in the Dockerfile; to use the mirror there too, set `mirrors` in
     * `buildkitd.toml`.
     *
     * @default none
     */
    baseImageMirrors?: Record<string, string>;

    /**
     * How much of the Dockerfile and of the context BuildKit gets. With `SlicePolicy.Auto`, it gets
     * only what the stages of an image read, so that other changes cause no diff. With
     * `SlicePolicy.Whole`, it gets both in full, as in `docker build`. Use `Whole` if `ONBUILD`
     * triggers of a base image read more, or if the component reads a Dockerfile differently than
     * BuildKit does.
     *
     * @default `SlicePolicy.Auto`
     */
    slicing?: SlicePolicy;

    /**
     * How much of the context an image may read before the preview warns. The warning does not stop
     * the build; it points to folders that make the build slow and may be there by mistake.
     *
     * @default 100,000 files, 2 GiB
     */
    contextLimits?: CachedImageContextLimitsArgs;

    /**
     * Cache mounts that `RUN` instructions get in addition to those in the Dockerfile: absolute
     * paths by stage, such as `{ build: ["/root/.cache/go-build", "/go/pkg/mod"] }`. What a `RUN`
     * writes there is not in the image. Equivalent to `--mount=type=cache,target=PATH` in each
     * `RUN` of the stage. A preview points out a stage that runs a known tool, such as `go` or
     * `npm`, without a cache mount; an empty list turns this off for the stage. @default none
     */
    cacheMounts?: Record<string, string[]>;

    /** Where the cache is stored, and which caches are read. */
    cache?: CachedImageCacheArgs;

    /**
     * Host of the registry, with its port if any.
     *
     * @default the host of the Pulumi configuration `harbor:url`, then of the variable `HARBOR_URL`
     */
    registry?: string;

    /** Credentials that can pull and push in the project. @default the component creates a robot account with only these rights */
    credentials?: CachedImageCredentialsArgs;

    /**
     * The private key that signs the app image, so that `cosign verify --key` and Harbor's content
     * trust accept it. `ref` is known once the image is signed. Another key makes new signatures
     * and triggers no build.
     *
     * @default none
     */
    sign?: CachedImageSignArgs;

    /**
     * Path of an SBOM of the image, relative to the program's folder: a JSON file in the format SPDX or
     * CycloneDX; needs `sign`. The component signs the SBOM and attaches it to the image, so that
     * `cosign verify-attestation` accepts it.
     *
     * @default none
     */
    sbom?: string;

    /**
     * Number of days for which the component's robot account is valid, from its creation; -1 is
     * forever. Changing it triggers no build.
     *
     * @default -1
     */
    robotDays?: pulumi.Input<number>;

    /** What a preview does with an image that would be built: report it, or build without pushing (`PreviewMode.Build`). @default `PreviewMode.Plan` */
    preview?: PreviewMode;

    /**
     * Whether the images and their project stay in Harbor when the stack is destroyed. With `false`,
     * the Harbor provider deletes the project with everything in it; the component must declare the
     * project. With `false`, renaming the project also deletes the old project with its images, once
     * the new project has the images.
     *
     * @default true
     */
    retainImages?: boolean;
}

/** The private key that signs a {@link CachedImage}: `key`, or a `signer` that has it. */
export interface CachedImageSignArgs {
    /**
     * The private key in PEM format: the `cosign.key` of `cosign generate-key-pair`, or PKCS#8. ECDSA
     * P-256, Ed25519, or RSA with 2048, 3072 or 4096 bits. No state contains the key.
     *
     * @default none; required without `signer`
     */
    key?: pulumi.Input<string>;

    /** Password of an encrypted key. No state contains the password. @default none */
    password?: pulumi.Input<string>;

    /**
     * Signs instead of `key`, with a key that the program does not have, such as one in a key management
     * service. Only in Node.js programs: other languages cannot pass functions.
     *
     * @default none
     */
    signer?: CachedImageSigner;

    /**
     * Whether the component attaches a signed provenance (SLSA 1.0): how BuildKit built the image, with
     * the Dockerfile, build arguments that are not secret, base images and steps. Everybody who may pull
     * the image can read it.
     *
     * @default true
     */
    provenance?: boolean;
}

/** Signs with a private key that the program does not have. */
export interface CachedImageSigner {
    /** The public key in PEM format: ECDSA P-256, Ed25519, or RSA with 2048, 3072 or 4096 bits. */
    publicKey: pulumi.Input<string>;

    /**
     * Signs data in the format of Node.js's `crypto.sign`: with SHA-256, for ECDSA in DER and for RSA
     * with PKCS#1 v1.5; with Ed25519 the data itself. Called in `pulumi up`, only for what has no
     * signature yet.
     */
    sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Where the cache of a {@link CachedImage} is stored, and which other caches it reads. */
export interface CachedImageCacheArgs {
    /** Harbor project that holds the cache; the credentials must cover it too. @default the image's project */
    project?: string;

    /**
     * Repository that holds the cache, for registries that do not allow names of three parts:
     * `org/fm-cache`. It may be the image's own: the cache's tags in it start with `cache.`.
     * Requires `credentials`.
     * @default `PROJECT/IMAGE/cache`
     */
    repository?: string;

    /**
     * How the cache is kept: `Inline` (in a cache manifest and in builder-stage images), `Registry`
     * (in a cache manifest with mode max, without builder-stage images), or `Images` (only in
     * builder-stage images, for registries that refuse cache manifests).
     *
     * @default `CacheBackend.Inline`
     */
    backend?: CacheBackend;

    /** Whether this stack writes the cache of its scope. `false` suits stacks of pull requests, which may only read. @default true */
    write?: boolean;

    /**
     * Whether the registry keeps the content of cache mounts (`RUN --mount=type=cache`): a builder
     * on which a mount is empty restores it before the `RUN`. A build that changed a stage with
     * mounts saves, after the app image is pushed, those whose size changed by more than 5 % or whose
     * last save is more than a day old.
     * `false` also hides the log line that suggests it.
     *
     * @default false
     */
    carryMounts?: boolean;

    /** Size of the largest cache mount to save, in bytes. @default 2_147_483_648 (2 GiB) */
    mountBytesMax?: number;

    /** Name of the cache that this stack reads and writes. @default the stack's name */
    scope?: string;

    /**
     * Scopes whose caches this stack uses and never writes, nearest first. A stack that writes its
     * cache copies their records into it before a build; a stack that does not write reads them
     * directly. The list may contain the stack's own scope, so that all stacks can share a program.
     *
     * @default none
     */
    fallbackScopes?: string[];

    /**
     * Harbor project that holds the caches of `fallbackScopes`, such as main's project for a stack
     * whose account may push only to another one. The stack never writes there. An account that may
     * not pull from the project builds without these caches, and the component logs it.
     *
     * @default the project that holds this stack's cache
     */
    fallbackProject?: string;

    /**
     * Further references to read cache from. The component skips those that it reads anyway, so that
     * all stacks can share a program. Equivalent to Docker's `--cache-from`. @default none
     */
    sources?: string[];

    /**
     * Public keys in PEM format that verify caches and saved cache mounts, in addition to that of
     * `sign`. With `sign` or one of these keys, builds leave out every cache that none of the keys has
     * signed. A stack without `sign` does not sign its caches, and needs `write: false`. @default none
     */
    publicKeys?: string[];
}

/** Limits above which the preview warns about the context of a {@link CachedImage}. */
export interface CachedImageContextLimitsArgs {
    /** Number of files and links above which the preview warns. @default 100_000 */
    filesMax?: number;

    /** Size of all files together above which the preview warns, in bytes. @default 2_147_483_648 (2 GiB) */
    bytesMax?: number;
}

/** SSH agent or keys for a {@link CachedImage}. */
export interface CachedImageSshArgs {
    /** Id in the Dockerfile. @default `default` */
    id?: string;

    /**
     * Paths of an agent's socket or of private keys. docker-build compares these paths, so absolute
     * paths that differ between machines are a diff. @default the socket of `SSH_AUTH_SOCK`
     */
    paths?: pulumi.Input<pulumi.Input<string>[]>;
}

/** A further export of the app image of a {@link CachedImage}. */
export interface CachedImageExportArgs {
    /** What to write: `ExportType.Oci`, `ExportType.Local`, or `ExportType.Docker`, which equals Docker's `--load`. */
    type: ExportType;

    /** Folder to write to, relative to the program's folder. Required for `oci` and `local`. */
    dest?: string;
}
