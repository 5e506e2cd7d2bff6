/** Longest project name that Harbor accepts, in characters. */
const projectNameLengthMax = 255;

/**
 * Why Harbor would reject a project name; undefined for a valid name.
 *
 * Source: Harbor 2.15 answers 400 to all others ("not in lower case or contains illegal
 * characters", "illegal in length"); `a__b` and `a--b` are among them.
 */
export function projectNameFault(name: string): string | undefined {
    if (name === "" || name.length > projectNameLengthMax) {
        return `a project name has 1 to ${projectNameLengthMax} characters, this one has ${name.length}`;
    }
    if (!/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name)) {
        return "a project name is lower-case letters and digits, with single '.', '_' or '-' between them";
    }
    return undefined;
}
