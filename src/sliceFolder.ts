import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { encodeScopePart } from "./cache/scope";

/** Folder of everything generated, in the program's. */
export const generatedFolder = ".harbor-build";

/**
 * Makes the folder of one image's slice, of which git is told to take no notice, and gives its path
 * relative to the program's: the same on every machine, another one for each stack and each image.
 */
export function makeSliceFolder(stack: string, image: string): string {
    mkdirSync(generatedFolder, { recursive: true });
    const ignoreFile = join(generatedFolder, ".gitignore");
    if (!existsSync(ignoreFile)) {
        writeFileSync(ignoreFile, "*\n");
    }
    const parts = [stack, image].map((part) => encodeScopePart(part));
    return posix.join(generatedFolder, ...parts);
}
