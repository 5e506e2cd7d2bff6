import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SandboxOptions } from "../../tools/sandbox/sandbox";
import { atEnd } from "./atEnd";
import { deleteLeftovers } from "./leftovers";
import type { RegistryAccess } from "./registry";

/** The engine, BuildKit and Harbor of an integration run. */
export interface Lab {
    readonly pulumi: string;
    readonly buildctl: string;
    /** Environment in which `pulumi` runs, without a backend or a Docker configuration. */
    readonly environment: Record<string, string>;
    readonly buildkitAddress: string;
    /** The options of the sandbox, of which at least BuildKit runs. */
    readonly sandboxOptions: SandboxOptions;
    /** Administrator of the Harbor. */
    readonly admin: RegistryAccess;
}

/** The clone. */
export const root = resolve(__dirname, "..", "..");

/** Variable that names the file in which the run describes its lab. */
export const labVariable = "HARBOR_BUILD_LAB";

let opened: Lab | undefined;
const uniqueNames: string[] = [];

/**
 * The lab of this run. After the last test of the file, everything with one of the file's unique
 * names is deleted from the lab's Harbor.
 *
 * @throws Error without a lab, because the tests then have nothing to run against.
 */
export function openLab(): Lab {
    if (opened !== undefined) {
        return opened;
    }
    const file = process.env[labVariable];
    if (file === undefined) {
        throw new Error(
            "these tests need an engine, a BuildKit and a Harbor; npm run test:integration brings them",
        );
    }
    // tools/commands/test/lab.ts writes this shape.
    const lab = JSON.parse(readFileSync(file, "utf8")) as Lab;
    atEnd(() => deleteLeftovers(lab.admin, uniqueNames));
    opened = lab;
    return lab;
}

/** A unique name for a Harbor project or user, which no other test or earlier run uses. */
export function uniqueName(prefix: string): string {
    const random = Math.random().toString(36).slice(2, 8);
    const name = `${prefix}-${Date.now().toString(36)}${random}`;
    uniqueNames.push(name);
    return name;
}

/** Folder below which tests may write; inside the clone, so that programs find the package. */
export const workDir = join(root, ".harbor-build", "test", "work");
