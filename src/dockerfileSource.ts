import { readFileSync, statSync } from "node:fs";
import { DockerfileError, describeFailure } from "./dockerfile/failure";
import { resolveStages, type StageGraph } from "./dockerfile/graph";
import type { BuildOptions } from "./dockerfile/options";
import { parseDockerfile } from "./dockerfile/parse";
import type { Fault } from "./userError";

/** A Dockerfile that was read and understood, or everything that keeps it from being so. */
export type DockerfileReading =
    | { readonly graph: StageGraph }
    | { readonly faults: readonly Fault[] };

/**
 * Reads the Dockerfile at `path`, relative to the program's folder, and resolves its stages. The
 * target is left to the caller, whose argument it is.
 */
export function readDockerfile(
    path: string,
    options: Omit<BuildOptions, "target">,
): DockerfileReading {
    const text = readText(path);
    if ("faults" in text) {
        return text;
    }
    try {
        return { graph: resolveStages(parseDockerfile(text.text), options) };
    } catch (error) {
        if (!(error instanceof DockerfileError)) {
            throw error;
        }
        return {
            faults: error.failures.map((failure) => ({
                path: "dockerfile",
                message: `${path}: ${describeFailure(failure)}`,
            })),
        };
    }
}

/** Why `path` cannot be the build context, or undefined when it can. */
export function contextFault(path: string): Fault | undefined {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
        return {
            path: "context",
            message: `"${path}" is not there; expected a folder, relative to ${process.cwd()}`,
        };
    }
    if (!found.isDirectory()) {
        return {
            path: "context",
            message: `"${path}" is no folder; expected the folder to build from`,
        };
    }
    return undefined;
}

function readText(path: string): { text: string } | { faults: readonly Fault[] } {
    try {
        return { text: readFileSync(path, "utf8") };
    } catch (error) {
        return { faults: [{ path: "dockerfile", message: `"${path}" ${reasonOf(error)}` }] };
    }
}

function reasonOf(error: unknown): string {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    switch (code) {
        case "ENOENT":
            return `is not there; expected a Dockerfile, relative to ${process.cwd()}`;
        case "EISDIR":
            return "is a folder; expected the path of a Dockerfile";
        case "EACCES":
        case "EPERM":
            return "cannot be read: permission denied; let the user who runs Pulumi read it";
        default:
            return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
}
