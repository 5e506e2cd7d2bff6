import { homedir } from "node:os";
import { sep } from "node:path";

/** Shorter secrets would also match parts of other words. */
const secretCharactersMin = 3;

/** Returns a function that removes secrets, and paths of this machine, from texts. */
export function redactor(
    secrets: Iterable<string>,
    folders: { readonly program: string; readonly home?: string },
): (text: string) => string {
    const { program, home = homedir() } = folders;
    const replacements: [string, string][] = [
        ...[...secrets]
            .filter(({ length }) => length >= secretCharactersMin)
            // Longest first: a secret may contain another one.
            .sort((left, right) => right.length - left.length)
            .map((secret): [string, string] => [secret, "[secret]"]),
        [`${program}${sep}`, ""],
        [program, "."],
        ...(home.length > 1 ? [[`${home}${sep}`, `~${sep}`] as [string, string]] : []),
    ];
    return (text) => replacements.reduce((left, [from, to]) => left.replaceAll(from, to), text);
}
