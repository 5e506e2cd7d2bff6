import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CommandError } from "./finding";
import { upwards } from "./folders";
import { addCommand, cannotInstall } from "./packageManager";
import type { PulumiProject } from "./pulumiProject";

/** The name under which programs import this package. */
const packageName = "harbor-build";

/** A package where Node.js finds it. */
export interface InstalledPackage {
    /**
     * Its folder; for pnpm a link in the project's `node_modules`, which stays when versions
     * change.
     */
    readonly folder: string;
    readonly version: string;
}

/** The package that a program in `folder` loads; undefined when it is missing. */
export function findPackage(name: string, folder: string): InstalledPackage | undefined {
    for (const parent of upwards(folder)) {
        const path = join(parent, "node_modules", name);
        const version = versionOf(path);
        if (version !== undefined) return { folder: path, version };
    }
    return undefined;
}

/**
 * The copy of this package that the project's program loads.
 *
 * @throws CommandError when the package is not installed there.
 */
export function findOwnPackage({ programFolder }: PulumiProject): InstalledPackage {
    const found = findPackage(packageName, programFolder);
    if (found !== undefined) return found;
    const folders = upwards(programFolder);
    if (cannotInstall(folders)) {
        throw new CommandError(
            packageName,
            "Yarn and Bun cannot install this package, because they skip the packages that it bundles.",
            "install the packages of this project with npm or pnpm.",
        );
    }
    throw new CommandError(
        packageName,
        `not installed for the program in ${programFolder}.`,
        `run \`${addCommand(folders)} ${packageName}\` there, then this command again.`,
    );
}

/** A package that the code in a package's folder loads, found as Node.js does. */
export function findDependency(name: string, folder: string): InstalledPackage | undefined {
    try {
        const entry = createRequire(join(realpathSync(folder), "package.json")).resolve(
            `${name}/package.json`,
        );
        const version = versionOf(dirname(entry));
        return version === undefined ? undefined : { folder: dirname(entry), version };
    } catch {
        return undefined;
    }
}

function versionOf(folder: string): string | undefined {
    try {
        const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        return typeof version === "string" ? version : undefined;
    } catch {
        return undefined;
    }
}
