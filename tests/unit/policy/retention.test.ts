import assert from "node:assert/strict";
import { test } from "node:test";
import { countFault, daysFault, retentionRules } from "../../../src/policy/retention";

const caches = { repoMatching: "**/cache", tagMatching: "**", untaggedArtifacts: false };
const images = { repoExcluding: "**/cache", tagMatching: "**", untaggedArtifacts: true };

test("keeps caches for days after their last push or pull, and deletes untagged ones", () => {
    assert.deepEqual(retentionRules({ cacheDays: 30, images: undefined }), [
        { ...caches, nDaysSinceLastPush: 30 },
        { ...caches, nDaysSinceLastPull: 30 },
    ]);
});

test("deletes untagged artifacts also of caches that are kept for ever", () => {
    assert.deepEqual(retentionRules({ cacheDays: -1, images: undefined }), [
        { ...caches, alwaysRetain: true },
    ]);
});

test("keeps app images by age, by number and by tag, also untagged ones", () => {
    const wish = { days: 60, count: 5, tags: ["v*", "release-*"] };
    assert.deepEqual(retentionRules({ cacheDays: -1, images: wish }).slice(1), [
        { ...images, nDaysSinceLastPush: 60 },
        { ...images, nDaysSinceLastPull: 60 },
        { ...images, mostRecentlyPushed: 5 },
        {
            ...images,
            tagMatching: "{v*,release-*}",
            untaggedArtifacts: false,
            alwaysRetain: true,
        },
    ]);
});

test("creates fewer rules than the 15 that Harbor allows", () => {
    const wish = { days: 1, count: 1, tags: Array.from({ length: 50 }, (_, i) => `v${i}.*`) };
    assert.equal(retentionRules({ cacheDays: 1, images: wish }).length, 6);
});

test("rejects a number that would delete what was just pushed", () => {
    assert.equal(
        daysFault(0, { forEver: true }),
        "0 would delete what was just pushed; expected a whole number of days from 1, or -1 (forever)",
    );
    assert.equal(
        countFault(0),
        "0 would delete what was just pushed; expected a whole number of images from 1",
    );
});

test("rejects an invalid number of days", () => {
    for (const days of [-2, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.match(daysFault(days, { forEver: true }) ?? "", /expected a whole number of days/);
    }
    assert.match(daysFault(-1, { forEver: false }) ?? "", /^-1; expected a whole number of days/);
    assert.equal(daysFault(-1, { forEver: true }), undefined);
    assert.equal(daysFault(1, { forEver: false }), undefined);
});
