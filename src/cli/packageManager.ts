import { existsSync } from "node:fs";
import { join } from "node:path";

/** Package managers by the lock file they write, and the command that adds packages. */
const managers: readonly [lockFile: string, add: string][] = [
    ["pnpm-lock.yaml", "pnpm add"],
    ["yarn.lock", "yarn add"],
    ["bun.lock", "bun add"],
    ["bun.lockb", "bun add"],
    ["package-lock.json", "npm install"],
];

/** The command that adds packages to the project in one of these folders. */
export function addCommand(folders: readonly string[]): string {
    for (const folder of folders) {
        const found = managers.find(([lockFile]) => existsSync(join(folder, lockFile)));
        if (found !== undefined) return found[1];
    }
    return "npm install";
}
