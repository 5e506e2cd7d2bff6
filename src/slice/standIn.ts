import type { Instruction } from "../dockerfile/parse";

/** The lines of a FROM instruction with another image in place of its own. */
export function replaceBase({ source, body }: Instruction, image: string): Instruction["source"] {
    if (body.kind !== "from") return source;
    let isKeywordSeen = false;
    for (const [index, { text }] of source.entries()) {
        for (const { 0: word, index: at } of text.matchAll(/[^\t\v\f\r ]+/g)) {
            if (isKeywordSeen && word === body.base) {
                const changed = text.slice(0, at) + image + text.slice(at + word.length);
                return source.map((line, i) => (i === index ? { ...line, text: changed } : line));
            }
            isKeywordSeen = true;
        }
    }
    return source;
}
