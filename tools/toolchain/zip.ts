/** A file of a zip archive. */
export interface StoredFile {
    readonly path: string;
    readonly content: Buffer;
}

/** Signatures and lengths of PKWARE's APPNOTE, 4.3.7, 4.3.12 and 4.3.16. */
const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const centralLength = 46;
const localLength = 30;

/**
 * The files of a zip archive without compression, such as Go's time zone archive.
 *
 * @throws Error when the archive is broken or has a compressed file.
 */
export function storedFiles(zip: Buffer): StoredFile[] {
    const end = zip.length - endLength;
    expectSignature(zip, end, endSignature, "end of central directory");
    const count = zip.readUInt16LE(end + 10);
    let at = zip.readUInt32LE(end + 16);
    const files: StoredFile[] = [];
    for (let index = 0; index < count; index++) {
        expectSignature(zip, at, centralSignature, "central directory");
        const nameLength = zip.readUInt16LE(at + 28);
        const path = zip.toString("utf8", at + centralLength, at + centralLength + nameLength);
        if (!path.endsWith("/")) {
            files.push({ path, content: contentAt(zip, at, path) });
        }
        at += centralLength + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    }
    return files;
}

function contentAt(zip: Buffer, central: number, path: string): Buffer {
    const method = zip.readUInt16LE(central + 10);
    if (method !== 0) {
        throw new Error(`zip: ${path} is compressed (method ${method}), expected stored`);
    }
    const size = zip.readUInt32LE(central + 24);
    const local = zip.readUInt32LE(central + 42);
    expectSignature(zip, local, localSignature, path);
    const start = local + localLength + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    return zip.subarray(start, start + size);
}

function expectSignature(zip: Buffer, at: number, signature: number, what: string): void {
    if (at < 0 || at + 4 > zip.length || zip.readUInt32LE(at) !== signature) {
        throw new Error(`zip: no ${what} at byte ${at} of ${zip.length}`);
    }
}
