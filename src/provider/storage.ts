/** Harbor counts storage in bytes, the resource in GiB. -1 is unlimited in both. */
const bytesPerGiB = 1024 ** 3;
/** 1024 TiB: the most Harbor takes (src/pkg/quota/types, version 2.15.2). */
const bytesMax = 1024 ** 5;

/** A limit in GiB as bytes. */
export function toBytes(gib: number): number {
    return gib < 0 ? -1 : Math.round(gib * bytesPerGiB);
}

/** A limit in bytes as GiB. */
export function toGiB(bytes: number): number {
    return bytes < 0 ? -1 : bytes / bytesPerGiB;
}

/** What is wrong with a storage limit in GiB. */
export function storageLimit(gib: number): string | undefined {
    if (gib === -1) return undefined;
    if (gib <= 0) return `${gib} is no storage limit; expecting GiB above 0, or -1 for unlimited`;
    if (toBytes(gib) < 1) return `${gib} GiB is less than one byte`;
    if (toBytes(gib) > bytesMax)
        return `${gib} GiB is above Harbor's maximum of 1048576 (1024 TiB)`;
    return undefined;
}
