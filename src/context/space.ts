// Go's unicode.IsSpace, which differs from JavaScript's white space in U+0085 and U+FEFF.
const space = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const outerSpace = new RegExp(`^${space}|${space}$`, "g");

/** The text without white space around it, as Go's `strings.TrimSpace` gives it. */
export function trimSpace(text: string): string {
    return text.replace(outerSpace, "");
}

/** The text with another character in place of each white space around it. */
export function replaceOuterSpace(text: string, by: string): string {
    return text.replace(outerSpace, (blanks) => by.repeat(blanks.length));
}
