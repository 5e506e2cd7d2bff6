import { resolve } from "node:path";
import pins from "./pins.json";

/** The pins of a Go program; `folder` has the go.mod and go.sum that build it. */
export interface ProgramPins {
    /** Version without a leading "v". */
    readonly version: string;
    /** Absolute path of the module that builds the program. */
    readonly folder: string;
    /** Modules that must have this `version`. */
    readonly modules: readonly string[];
    /** Main packages; each becomes an executable named by its last path segment. */
    readonly packages: readonly string[];
    /** Linker flags of the program's own release. */
    readonly ldflags: readonly string[];
    /** Module replacements, as in go.mod. */
    readonly replace: Readonly<Record<string, string>>;
}

/** Name of a pinned Go program. */
export type ProgramName = keyof typeof pins.programs;

/** All pins except those of the Go programs (see {@link programPins}). */
export const { node: nodePins, go: goPins, goroot: gorootPins, debian: debianPins } = pins;

/** Names of the pinned Go programs. */
export const programNames: readonly ProgramName[] = [
    "pulumi",
    "docker-build",
    "buildkit",
    "registry",
    "buildx",
    "actionlint",
    "cosign",
    "language-yaml",
    "language-hosts",
];

/** The pins of one Go program, with the version in its linker flags. */
export function programPins(name: ProgramName): ProgramPins {
    const program = pins.programs[name];
    return {
        ...program,
        folder: resolve(__dirname, program.folder),
        ldflags: program.ldflags.map((flag) => flag.replace("{version}", program.version)),
        replace: program.replace,
    };
}
