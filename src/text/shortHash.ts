import { createHash } from "node:crypto";

/** Ten hexadecimal digits that differ between texts, for names. */
export function shortHash(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
