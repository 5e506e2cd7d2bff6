import { homedir } from "node:os";
import { sep } from "node:path";
import { secretHider } from "../text/secretSpellings";

/** Returns a function that removes secrets, and paths of this machine, from texts. */
export function redactor(
    secrets: Iterable<string>,
    folders: { readonly program: string; readonly home?: string },
): (text: string) => string {
    const { program, home = homedir() } = folders;
    const hide = secretHider(secrets);
    const replacements: [string, string][] = [
        [`${program}${sep}`, ""],
        [program, "."],
        ...(home.length > 1 ? [[`${home}${sep}`, `~${sep}`] as [string, string]] : []),
    ];
    return (text) =>
        replacements.reduce((left, [from, to]) => left.replaceAll(from, to), hide(text));
}
