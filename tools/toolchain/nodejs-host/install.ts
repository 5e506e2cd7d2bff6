import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Children, StartedChild } from "./children";
import type { PackageManager } from "./options";
import { readPackageJson } from "./packages";

/** Lock files and their package managers; the first existing file counts. */
const lockFiles: readonly [string, PackageManager][] = [
    ["yarn.lock", "yarn"],
    ["pnpm-lock.yaml", "pnpm"],
    ["bun.lock", "bun"],
    ["bun.lockb", "bun"],
];

/** The package manager of a program: the requested one, else that of the lock file, else npm. */
export function packageManagerOf(
    directory: string,
    asked: PackageManager | undefined,
): PackageManager {
    const locked = lockFiles.find(([file]) => existsSync(join(directory, file)));
    return asked ?? locked?.[1] ?? "npm";
}

/**
 * Installs a program's dependencies and forwards the output of the package manager.
 *
 * @throws Error when the package manager fails.
 */
export async function installDependencies(
    directory: string,
    manager: PackageManager,
    children: Children,
    print: { stdout(chunk: Uint8Array): void; stderr(chunk: Uint8Array): void },
    onStart: (started: StartedChild) => void,
): Promise<void> {
    print.stdout(Buffer.from("Installing dependencies...\n\n"));
    const quiet = manager === "npm" ? ["--loglevel=error"] : [];
    const started = children.start(manager, ["install", ...quiet], {
        cwd: directory,
        stdio: ["ignore", "pipe", "pipe"],
    });
    onStart(started);
    started.child.stdout?.on("data", print.stdout);
    started.child.stderr?.on("data", print.stderr);
    const ending = await started.ending;
    if ("signal" in ending || ending.code !== 0) {
        const how = "signal" in ending ? ending.signal : `exit code ${ending.code}`;
        throw new Error(`\`${manager} install\` failed in ${directory}: ${how}`);
    }
    print.stdout(Buffer.from("Finished installing dependencies\n\n"));
}

/** A package that a program uses. */
export interface Dependency {
    readonly name: string;
    readonly version: string;
}

/** The packages in a program's package.json, with their installed versions. */
export function directDependencies(directory: string): Dependency[] {
    const json = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    const names = Object.keys({ ...json.dependencies, ...json.devDependencies });
    return names.map((name) => {
        const installed = readPackageJson(join(directory, "node_modules", name));
        return { name, version: installed?.version ?? "" };
    });
}
