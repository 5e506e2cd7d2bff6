import type * as pulumi from "@pulumi/pulumi";
import type { CachedImageCredentialsArgs } from "../access/args";
import type { CacheBackend } from "../cache/backend";

/** Severity of a vulnerability, with Harbor's names. */
export const Severity = {
    None: "none",
    Low: "low",
    Medium: "medium",
    High: "high",
    Critical: "critical",
} as const;
export type Severity = (typeof Severity)[keyof typeof Severity];

/**
 * Arguments of {@link ImageProject}.
 *
 * Names, retention rules and the policies that decide where caches are stored are plain values, so
 * that every preview knows them. The other arguments accept an `Input`.
 */
export interface ImageProjectArgs {
    /** Name of the project in Harbor: lower-case letters and digits, with single `.`, `_` or `-` between them. */
    name: string;

    /**
     * Use an existing project without managing it. The component creates only robot accounts in the
     * project. Describe the project's policies in `deploymentSecurity`, `enableContentTrust` and
     * `enableContentTrustCosign`: they decide where caches are stored.
     *
     * @default false: the component declares the project and its policies
     */
    existing?: boolean;

    /**
     * Id in Harbor (`/projects/7`) of an existing project to manage from now on. Equivalent to Pulumi's
     * `import` resource option.
     */
    import?: string;

    /** Whether everyone may pull from the project. @default false */
    public?: pulumi.Input<boolean>;

    /** Storage limit of the project, in GiB; -1 is no limit. Only a system administrator can set it. @default -1 */
    storageQuota?: pulumi.Input<number>;

    /** Whether Harbor scans images after a push. @default true */
    vulnerabilityScanning?: pulumi.Input<boolean>;

    /** Whether Harbor's scanner makes an SBOM of each image after a push. @default false */
    autoSbomGeneration?: pulumi.Input<boolean>;

    /** Vulnerability prevention: Harbor refuses pulls of images with this severity or above, or without a scan. @default `Severity.None`, which turns prevention off */
    deploymentSecurity?: Severity;

    /** CVE ids that vulnerability prevention ignores. @default the system's list */
    cveAllowlists?: pulumi.Input<pulumi.Input<string>[]>;

    /** Content trust: Harbor refuses pulls of artifacts without a Notation signature. @default false */
    enableContentTrust?: boolean;

    /** Content trust: Harbor refuses pulls of artifacts without a Cosign signature. @default false */
    enableContentTrustCosign?: boolean;

    /**
     * Patterns of the tags of app images that nobody can overwrite or delete: `v*`. The rule excludes
     * caches, since their tags move with every build.
     *
     * @default none
     */
    immutableTags?: string[];

    /** What Harbor's retention keeps. @default all app images, and caches used in the last 90 days */
    retention?: ImageProjectRetentionArgs;

    /** Where the caches are stored. @default in the images' project, in a form that its policies allow */
    cache?: ImageProjectCacheArgs;

    /**
     * A second project for the review stacks of pull requests, with a login that pushes only there
     * (`reviewCredentials`): a review stack with `cache.fallbackProject` reads the caches of this project
     * and cannot change them. @default none
     */
    reviews?: ImageProjectReviewsArgs;

    /** Accounts to use instead of robot accounts. @default the component creates robot accounts */
    credentials?: ImageProjectCredentialsArgs;

    /** Passwords of the robot accounts. Changing a password triggers no build. @default Harbor generates them */
    secrets?: ImageProjectSecretsArgs;

    /**
     * Number of days for which the robot accounts are valid, from their creation; -1 is forever.
     * Changing it triggers no build.
     *
     * @default -1
     */
    robotDays?: pulumi.Input<number>;

    /**
     * Host of the registry, with its port if any.
     *
     * @default the host of the Pulumi configuration `harbor:url`, then of the variable `HARBOR_URL`
     */
    registry?: string;

    /**
     * Whether the projects stay in Harbor with their images when the stack is destroyed. With `false`,
     * the Harbor provider deletes the projects with everything in them.
     *
     * @default true
     */
    retainImages?: boolean;
}

/** What Harbor's retention keeps in an {@link ImageProject}. Retention deletes everything else in the repositories that it covers. */
export interface ImageProjectRetentionArgs {
    /** Number of days that a cache stays after its last push or pull, at least 1; -1 is forever. @default 90 */
    cacheDays?: number;

    /** Which app images stay. @default all, with or without a tag, since deployments may run them by digest */
    images?: ImageProjectImageRetentionArgs;

    /** When retention runs: `Hourly`, `Daily`, `Weekly`, or six cron fields of which the first, seconds, is 0. @default `Daily` */
    schedule?: pulumi.Input<string>;
}

/** Which app images stay in an {@link ImageProject}. An image stays if it matches any of these rules. */
export interface ImageProjectImageRetentionArgs {
    /** Keeps images pushed or pulled in this number of days; at least 1. Harbor does not know which images are running: an image that runs but is not pulled again is deleted. @default 90 */
    days?: number;

    /** Keeps this number of most recently pushed images per repository, at least 1. @default 10 */
    count?: number;

    /** Keeps images with a tag that matches one of these patterns forever: `v*`. @default none */
    tags?: string[];
}

/** Where the caches of an {@link ImageProject} are stored. */
export interface ImageProjectCacheArgs {
    /**
     * Name of a project for caches only, without the policies of the images' project. The component
     * declares it, unless `existing` is set. Robot accounts for both projects are system-level, which
     * only a system administrator of Harbor can create; otherwise set `credentials.push` and
     * `credentials.read`. The name of the images' project keeps the caches there, without the warning
     * that clusters, or everyone, can pull them.
     *
     * @default caches are stored in the images' project, with a warning
     */
    project?: string;

    /** How the caches are stored. @default `CacheBackend.Registry` in an images' project with vulnerability prevention, else `CacheBackend.Inline` */
    backend?: CacheBackend;

    /** Storage limit of the caches' project, in GiB; -1 is no limit. @default -1 */
    storageQuota?: pulumi.Input<number>;

    /** Id in Harbor (`/projects/7`) of an existing project for caches to manage from now on. */
    import?: string;
}

/** The project of review stacks, next to an {@link ImageProject}. */
export interface ImageProjectReviewsArgs {
    /**
     * Name of the project, which the component declares without the policies of the images' project.
     * The robot account for both projects is system-level, which only a system administrator of Harbor
     * can create; otherwise set `credentials.review`.
     */
    project: string;

    /** Number of days that images and caches of reviews stay after their last push or pull, at least 1. @default 7 */
    days?: number;
}

/** Accounts that replace the robot accounts of an {@link ImageProject}. */
export interface ImageProjectCredentialsArgs {
    /** For builds: pulls and pushes in the project, and in the caches' project. @default a robot account */
    push?: CachedImageCredentialsArgs;

    /** For previews: pulls in the project, and in the caches' project. @default a robot account; the account for clusters if the images' project holds the caches */
    read?: CachedImageCredentialsArgs;

    /** For clusters: pulls in the project. @default a robot account */
    pull?: CachedImageCredentialsArgs;

    /** For review stacks: pulls and pushes in `reviews.project`, and pulls in the project and the caches' project. @default a robot account, with `reviews` */
    review?: CachedImageCredentialsArgs;
}

/** Passwords of an {@link ImageProject}'s robot accounts: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. */
export interface ImageProjectSecretsArgs {
    /** Password of the robot account for builds. @default Harbor generates it */
    push?: pulumi.Input<string>;

    /** Password of the robot account for previews. @default Harbor generates it */
    read?: pulumi.Input<string>;

    /** Password of the robot account for clusters. @default Harbor generates it */
    pull?: pulumi.Input<string>;

    /** Password of the robot account for review stacks. @default Harbor generates it */
    review?: pulumi.Input<string>;
}
