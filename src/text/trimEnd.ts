/**
 * Removes these characters from the end of a text. A regular expression such as `/[ab]+$/` takes
 * quadratic time for a text with many of them in the middle.
 */
export function trimEnd(text: string, characters: string): string {
    let end = text.length;
    while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
    return text.slice(0, end);
}
