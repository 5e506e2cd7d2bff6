/** Longest text of another server to show, in characters. */
const lengthMax = 2000;

/**
 * A text of another server as part of one line of a log. Control characters and marks that turn the
 * direction of text become blanks. Commands of CI services, such as `::add-mask::` and
 * `##vso[task…]`, lose their form.
 */
export function printable(text: string): string {
    const line = text
        .slice(0, lengthMax)
        .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, " ")
        .replace(/(?<!\S)::(?=\S)/g, ": :")
        .replace(/##(?=\w*\[)/g, "# #");
    return text.length > lengthMax ? `${line}…` : line;
}
