import { cacheRepositories, joinPatterns } from "./cacheRepositories";

/** Default number of days that a cache stays after its last push or pull. */
export const cacheDaysDefault = 90;

/** Default number of images to keep per repository, whatever their age. */
export const imageCountDefault = 10;

/** Default number of days that images stay after their last push or pull. */
export const imageDaysDefault = 90;

/** Default number of days that images and caches of reviews stay after their last push or pull. */
export const reviewDaysDefault = 7;

/** What retention keeps in a project. */
export interface RetentionWish {
    /** Number of days that a cache stays after its last push or pull; -1 is forever. */
    readonly cacheDays: number;
    /** Which app images stay; undefined for all. */
    readonly images: ImageRetentionWish | undefined;
}

export interface ImageRetentionWish {
    readonly days: number;
    /** Number of images per repository that stay, whatever their age. @default none */
    readonly count?: number;
    /** Patterns of tags that stay forever. */
    readonly tags: readonly string[];
}

/** One of Harbor's rules, in the form of `harbor.RetentionPolicy`. */
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
 * The retention rules of a project with images and their caches.
 *
 * A cache tag moves with every build and leaves an untagged artifact behind. The next run of the
 * policy deletes that artifact, since no rule for caches keeps untagged artifacts. Deployments may run
 * app images by digest, so an untagged app image may still be in use: without `images`, no rule covers
 * app images, and Harbor deletes only in repositories that a rule covers.
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
        ...(count === undefined ? [] : [{ ...images, mostRecentlyPushed: count }]),
        ...(tags.length === 0 ? [] : [{ ...images, ...kept }]),
    ];
}

/** Why a number of days is invalid or would delete what was just pushed; undefined when it is valid. */
export function daysFault(days: number, { forEver }: { forEver: boolean }): string | undefined {
    if (days === -1 && forEver) {
        return undefined;
    }
    const expected = `expected a whole number of days from 1${forEver ? ", or -1 (forever)" : ""}`;
    return wholeNumberFault(days, expected);
}

/** Why a number of images is invalid or would delete what was just pushed; undefined when it is valid. */
export function countFault(count: number): string | undefined {
    return wholeNumberFault(count, "expected a whole number of images from 1");
}

function wholeNumberFault(value: number, expected: string): string | undefined {
    if (value === 0) {
        return `0 would delete what was just pushed; ${expected}`;
    }
    return Number.isSafeInteger(value) && value > 0 ? undefined : `${value}; ${expected}`;
}
