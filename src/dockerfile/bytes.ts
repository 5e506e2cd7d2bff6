import { isUtf8 } from "node:buffer";

/** A UTF-8 character, or one byte that is not part of a UTF-8 character. */
const sequence =
    /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** A byte that is not valid UTF-8, as {@link decodeText} keeps it. */
const strayByte = /[\udc80-\udcff]/u;
const strayBytes = /[\udc80-\udcff]/gu;

/**
 * Decodes bytes without loss: a byte that is not valid UTF-8 becomes a lone surrogate
 * (0x80 is U+DC80), which no valid text contains. {@link encodeText} restores the bytes.
 */
export function decodeText(bytes: Buffer): string {
    if (isUtf8(bytes)) return bytes.toString("utf8");
    return bytes
        .toString("latin1")
        .replace(sequence, (part) =>
            part.length > 1
                ? Buffer.from(part, "latin1").toString("utf8")
                : String.fromCharCode(0xdc00 + part.charCodeAt(0)),
        );
}

/** Restores the bytes that {@link decodeText} decoded. */
export function encodeText(text: string): Buffer {
    if (!strayByte.test(text)) return Buffer.from(text, "utf8");
    const bytes = text.replace(/\P{ASCII}/gu, (char) =>
        strayByte.test(char)
            ? String.fromCharCode(char.charCodeAt(0) - 0xdc00)
            : Buffer.from(char, "utf8").toString("latin1"),
    );
    return Buffer.from(bytes, "latin1");
}

/** Whether a text contains bytes that are not valid UTF-8. */
export function hasStrayBytes(text: string): boolean {
    return strayByte.test(text);
}

/** The text as Go reads its characters: a byte that is not valid UTF-8 becomes U+FFFD. */
export function replaceStrayBytes(text: string): string {
    return text.replace(strayBytes, "\ufffd");
}
