/**
 * Sizes of layers, in bytes, that stand for a reason instead of a save: the registry returns only a
 * layer's size. The build writes random bytes, which compression does not shrink.
 */
export const saveSignal = { noTar: 4096, tooLarge: 8192 } as const;

/** From this size on, in bytes, a layer is a save. */
const saveBytesMin = 12_288;

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
    /** It is much smaller than the save before, which stays. */
    Shrunk: "shrunk",
} as const;
export type SaveOutcome = (typeof SaveOutcome)[keyof typeof SaveOutcome];

/**
 * A save smaller than this fraction of the last one does not replace it: the mount was probably only
 * partly filled.
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
    if (bytes < saveBytesMin) {
        return SaveOutcome.TooLarge;
    }
    return before !== undefined && bytes < before * shrunkBelow
        ? SaveOutcome.Shrunk
        : SaveOutcome.Saved;
}
