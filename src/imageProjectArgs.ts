import type * as pulumi from "@pulumi/pulumi";
import type { CacheBackend } from "./cache/backend";
import type { CachedImageCredentialsArgs } from "./cachedImageArgs";

/** Severity of a vulnerability, as Harbor names it. */
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
 * Names, and the policies that decide where caches can live, are plain values, so that every preview
 * knows them; everything else takes an `Input`.
 */
export interface ImageProjectArgs {
    /** Name of the project in Harbor: lower-case letters and digits, with single `.`, `_` or `-` between them. */
    name: string;

    /**
     * Use a project that another stack, or somebody, has made. Robot accounts are made in it and
     * nothing else; `deploymentSecurity`, `enableContentTrust` and `enableContentTrustCosign` then
     * tell which policies it has.
     *
     * @default false: project and policies are declared by this component
     */
    existing?: boolean;

    /**
     * Id in Harbor (`/projects/7`) of a project that exists and is to be managed from here on.
     * Equivalent to Pulumi's `import` resource option.
     */
    import?: string;

    /** Whether everyone may pull from the project. @default false */
    public?: pulumi.Input<boolean>;

    /** Limit of what the project may store, in GiB; -1 is no limit. Takes a system administrator. @default -1 */
    storageQuota?: pulumi.Input<number>;

    /** Whether images are scanned when they are pushed. @default true */
    vulnerabilityScanning?: pulumi.Input<boolean>;

    /** Vulnerability prevention: images of this severity or above, or not scanned, are not given out. @default `Severity.None` */
    deploymentSecurity?: Severity;

    /** CVE ids that vulnerability prevention overlooks. @default the system's list */
    cveAllowlists?: pulumi.Input<pulumi.Input<string>[]>;

    /** Content trust: only what is signed with Notation is given out. @default false */
    enableContentTrust?: boolean;

    /** Content trust: only what is signed with Cosign is given out. @default false */
    enableContentTrustCosign?: boolean;

    /**
     * Tags of app images that can be neither overwritten nor deleted, as patterns: `v*`. Caches are
     * left out, since their tags move with every build.
     *
     * @default none
     */
    immutableTags?: string[];

    /** What is deleted when Harbor's retention runs. @default leftovers of caches, and caches unused for 90 days */
    retention?: ImageProjectRetentionArgs;

    /** Where the caches live. @default beside the images, in a form that the project's policies give out */
    cache?: ImageProjectCacheArgs;

    /** Accounts to use instead of robot accounts. @default robot accounts are made */
    credentials?: ImageProjectCredentialsArgs;

    /** Passwords of the robot accounts; a changed one is set without a build. @default Harbor makes them */
    secrets?: ImageProjectSecretsArgs;

    /**
     * Days for which the robot accounts are valid, counted from their creation; -1 is for ever. A
     * changed number builds nothing.
     *
     * @default -1
     */
    robotDays?: pulumi.Input<number>;

    /**
     * Host of the registry, with its port when it has one.
     *
     * @default the host of the Pulumi configuration `harbor:url`, then of the variable `HARBOR_URL`
     */
    registry?: string;

    /**
     * Whether projects stay in Harbor, with their images, when the stack is destroyed. With `false`
     * they are deleted with everything in them.
     *
     * @default true
     */
    retainImages?: boolean;
}

/** What Harbor's retention keeps in an {@link ImageProject}. Everything else of those repositories is deleted. */
export interface ImageProjectRetentionArgs {
    /** Days for which a cache stays after it was last pushed or pulled, from 1; -1 is for ever. @default 90 */
    cacheDays?: number;

    /** Which app images stay. @default all, with or without a tag: something may run them by digest */
    images?: ImageProjectImageRetentionArgs;

    /** When retention runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first. @default `Daily` */
    schedule?: pulumi.Input<string>;
}

/** Which app images stay in an {@link ImageProject}; one that any of these keeps is kept. */
export interface ImageProjectImageRetentionArgs {
    /** Those pushed or pulled within this many days, from 1. An image that runs for longer without being pulled is not seen. @default 90 */
    days?: number;

    /** The last ones pushed of each repository, from 1. @default 10 */
    count?: number;

    /** Those with a tag that matches one of these patterns, for ever: `v*`. @default none */
    tags?: string[];
}

/** Where the caches of an {@link ImageProject} live. */
export interface ImageProjectCacheArgs {
    /**
     * Name of a project for caches alone, without the policies of the images' project; declared
     * here unless the images' project is an existing one. The robot accounts that reach both are
     * system-level ones, which only a system administrator of Harbor can make; or give
     * `credentials.push` and `credentials.read`.
     *
     * @default caches live in the images' project
     */
    project?: string;

    /** How caches are kept. @default `CacheBackend.Registry` beside images under vulnerability prevention, else `CacheBackend.Inline` */
    backend?: CacheBackend;

    /** Limit of what the caches' own project may store, in GiB; -1 is no limit. @default -1 */
    storageQuota?: pulumi.Input<number>;

    /** Id in Harbor of a caches' project that exists and is to be managed from here on. */
    import?: string;
}

/** Accounts that take the place of an {@link ImageProject}'s robot accounts. */
export interface ImageProjectCredentialsArgs {
    /** For builds: pulls and pushes in the project, and in the caches' project. @default a robot account */
    push?: CachedImageCredentialsArgs;

    /** For previews: pulls in the project, and in the caches' project. @default a robot account, or `pull`'s where caches live beside images */
    read?: CachedImageCredentialsArgs;

    /** For clusters: pulls in the project. @default a robot account */
    pull?: CachedImageCredentialsArgs;
}

/** Passwords of an {@link ImageProject}'s robot accounts: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. */
export interface ImageProjectSecretsArgs {
    /** Of the one for builds. @default Harbor makes one */
    push?: pulumi.Input<string>;

    /** Of the one for previews. @default Harbor makes one */
    read?: pulumi.Input<string>;

    /** Of the one for clusters. @default Harbor makes one */
    pull?: pulumi.Input<string>;
}
