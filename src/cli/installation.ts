import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { asRecord, asText } from "../text/lenientJson";
import { CommandError } from "./finding";
import { upwards } from "./folders";
import { addCommand } from "./packageManager";
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
    if (folders.some((folder) => existsSync(join(folder, ".pnp.cjs")))) {
        throw new CommandError(
            packageName,
            "Yarn's Plug'n'Play keeps packages in archives, where Pulumi finds neither its SDK nor the Harbor provider.",
            "set `nodeLinker: node-modules` in .yarnrc.yml, run `yarn install`, then this command again.",
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

/** The range of a package's versions that another package names as its peer; empty for any. */
export function peerRange({ folder }: InstalledPackage, peer: string): string {
    return asText(asRecord(manifestOf(folder)["peerDependencies"])[peer]);
}

const versionOf = (folder: string): string | undefined =>
    asText(manifestOf(folder)["version"]) || undefined;

function manifestOf(folder: string): Readonly<Record<string, unknown>> {
    try {
        return asRecord(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
    } catch {
        return {}; // not a package
    }
}
