import { homedir } from "node:os";
import { sep } from "node:path";

/**
 * Makes paths of this machine relative. Only for texts about files of this machine: a Dockerfile may use
 * the same paths for files in an image.
 */
export function relativePaths(
    text: string,
    { program, home = homedir() }: { readonly program: string; readonly home?: string },
): string {
    const short = text.replaceAll(`${program}${sep}`, "").replaceAll(program, ".");
    // The home of root names nobody, and is the home in most images.
    return ["/", "/root"].includes(home) ? short : short.replaceAll(`${home}${sep}`, `~${sep}`);
}
