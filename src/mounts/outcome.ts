/**
 * Layer sizes, in bytes, that encode why a mount was not saved: the registry returns only a layer's
 * size. The build writes random bytes, which compression does not shrink.
 */
export const saveSignal = { noTar: 4096, tooLarge: 8192, changing: 12_288 } as const;

/** Layer sizes, in bytes, that encode why a mount was not restored. */
export const restoreSignal = { damaged: 4096, foreign: 8192 } as const;

/** From this size on, in bytes, a layer is a save. */
const saveBytesMin = 16_384;

/** What became of the save of one cache mount. */
export const SaveOutcome = {
    /** The registry has the mount's content. */
    Saved: "saved",
    /** The mount was empty, or had too little to be worth restoring. */
    Empty: "empty",
    /** The mount is larger than the limit. */
    TooLarge: "tooLarge",
    /** The image of the stage has no `tar`. */
    NoTar: "noTar",
    /** Another build changed files of the mount while it was packed. */
    Changing: "changing",
    /** The save is much smaller than the last good one, for the first time; the last good one stays. */
    Shrunk: "shrunk",
} as const;
export type SaveOutcome = (typeof SaveOutcome)[keyof typeof SaveOutcome];

/**
 * A save smaller than this fraction of the last one replaces it only as the second in a row: the first
 * may come from a builder that had only a part of the content.
 */
const shrunkBelow = 0.25;

/**
 * Judges a save by the size of its layer.
 *
 * @param before size of the save that it would replace, in bytes; undefined for none
 */
export function judgeSave(bytes: number, before: number | undefined): SaveOutcome {
    if (bytes < saveSignal.noTar) {
        return SaveOutcome.Empty;
    }
    if (bytes < saveSignal.tooLarge) {
        return SaveOutcome.NoTar;
    }
    if (bytes < saveSignal.changing) {
        return SaveOutcome.TooLarge;
    }
    if (bytes < saveBytesMin) {
        return SaveOutcome.Changing;
    }
    return before !== undefined && bytes < before * shrunkBelow
        ? SaveOutcome.Shrunk
        : SaveOutcome.Saved;
}

/** What became of the restore of one cache mount. */
export const RestoreOutcome = {
    /** The save was restored, or nothing was to be restored. */
    Done: "done",
    /** The save cannot be unpacked. */
    Damaged: "damaged",
    /** The save is from another architecture or another program. */
    Foreign: "foreign",
    /** The registry has lost the save. */
    Missing: "missing",
} as const;
export type RestoreOutcome = (typeof RestoreOutcome)[keyof typeof RestoreOutcome];

/** Judges a restore by the size of its layer. */
export function judgeRestore(bytes: number): RestoreOutcome {
    if (bytes < restoreSignal.damaged) return RestoreOutcome.Done;
    return bytes < restoreSignal.foreign ? RestoreOutcome.Damaged : RestoreOutcome.Foreign;
}
