/** Harbor measures storage in bytes, the resource in GiB. -1 is unlimited in both. */
const bytesPerGiB = 1024 ** 3;
/** 1024 TiB, Harbor's maximum (src/pkg/quota/types, version 2.15.2). */
const bytesMax = 1024 ** 5;

/** Converts a limit from GiB to bytes. */
export function toBytes(gib: number): number {
    return gib < 0 ? -1 : Math.round(gib * bytesPerGiB);
}

/** Converts a limit from bytes to GiB. */
export function toGiB(bytes: number): number {
    return bytes < 0 ? -1 : bytes / bytesPerGiB;
}

/** Why a storage limit in GiB is invalid. */
export function storageLimit(gib: number): string | undefined {
    if (gib === -1) return undefined;
    if (gib <= 0) return `${gib} is not a storage limit; expected GiB above 0, or -1 for unlimited`;
    if (toBytes(gib) < 1) return `${gib} GiB is less than one byte`;
    if (toBytes(gib) > bytesMax)
        return `${gib} GiB is above Harbor's maximum of 1048576 (1024 TiB)`;
    return undefined;
}
