import { cacheRepositories, joinPatterns } from "./cacheRepositories";

/** How long caches are kept, in days since they were last pushed or pulled, when nothing is said. */
export const cacheDaysDefault = 90;

/** How many images of a repository are kept whatever their age, when nothing is said. */
export const imageCountDefault = 10;

/** For how many days images are kept after their last push or pull, when nothing is said. */
export const imageDaysDefault = 90;

/** What is kept of a project's repositories. */
export interface RetentionWish {
    /** Days for which a cache stays after its last push or pull; -1 is for ever. */
    readonly cacheDays: number;
    /** What is kept of app images; undefined keeps all of them. */
    readonly images: ImageRetentionWish | undefined;
}

export interface ImageRetentionWish {
    readonly days: number;
    readonly count: number;
    /** Patterns of tags that stay for ever. */
    readonly tags: readonly string[];
}

/** One rule of Harbor's, as `harbor.RetentionPolicy` takes it. */
export interface RetentionRule {
    readonly repoMatching?: string;
    readonly repoExcluding?: string;
    readonly tagMatching: string;
    readonly untaggedArtifacts: boolean;
    readonly alwaysRetain?: boolean;
    readonly nDaysSinceLastPush?: number;
    readonly nDaysSinceLastPull?: number;
    readonly mostRecentlyPushed?: number;
}

/**
 * The rules of a project that holds images and their caches.
 *
 * A cache tag moves with every build and leaves the artifact behind without a tag: that one goes the
 * next time the policy runs, since no rule for caches counts untagged artifacts. App images are run
 * by digest, so losing its tag says nothing of an image: without `images` no rule is about them, and
 * Harbor touches only repositories that a rule is about.
 */
export function retentionRules({ cacheDays, images }: RetentionWish): RetentionRule[] {
    return [...cacheRules(cacheDays), ...(images === undefined ? [] : imageRules(images))];
}

function cacheRules(days: number): RetentionRule[] {
    const caches = {
        repoMatching: cacheRepositories,
        tagMatching: "**",
        untaggedArtifacts: false,
    };
    return days === -1
        ? [{ ...caches, alwaysRetain: true }]
        : [
              { ...caches, nDaysSinceLastPush: days },
              { ...caches, nDaysSinceLastPull: days },
          ];
}

function imageRules({ days, count, tags }: ImageRetentionWish): RetentionRule[] {
    const images = { repoExcluding: cacheRepositories, tagMatching: "**", untaggedArtifacts: true };
    const kept = { tagMatching: joinPatterns(tags), untaggedArtifacts: false, alwaysRetain: true };
    return [
        { ...images, nDaysSinceLastPush: days },
        { ...images, nDaysSinceLastPull: days },
        { ...images, mostRecentlyPushed: count },
        ...(tags.length === 0 ? [] : [{ ...images, ...kept }]),
    ];
}

/** Why a number of days would delete what was just pushed, or is none; undefined when it is fine. */
export function daysFault(days: number, { forEver }: { forEver: boolean }): string | undefined {
    if (days === -1 && forEver) {
        return undefined;
    }
    const expected = `expected a whole number of days from 1 on${forEver ? ", or -1 for ever" : ""}`;
    return wholeNumberFault(days, expected);
}

/** Why a number of images would delete what was just pushed, or is none; undefined when it is fine. */
export function countFault(count: number): string | undefined {
    return wholeNumberFault(count, "expected a whole number of images from 1 on");
}

function wholeNumberFault(value: number, expected: string): string | undefined {
    if (value === 0) {
        return `0 would delete what was just pushed; ${expected}`;
    }
    return Number.isSafeInteger(value) && value > 0 ? undefined : `${value}; ${expected}`;
}
