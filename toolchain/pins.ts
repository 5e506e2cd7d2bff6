import { resolve } from "node:path";
import pins from "./pins.json";

/** A Go program built from its module, whose go.mod and go.sum are kept in `folder`. */
export interface ProgramPins {
    /** Version without a leading "v". */
    readonly version: string;
    /** Absolute path of the module that builds it. */
    readonly folder: string;
    /** Modules of which `version` is required. */
    readonly modules: readonly string[];
    /** Main packages; each becomes an executable named by its last path segment. */
    readonly packages: readonly string[];
    /** Flags for the linker that the program's own release sets. */
    readonly ldflags: readonly string[];
    /** Module replacements, as in go.mod. */
    readonly replace: Readonly<Record<string, string>>;
}

/** Name of a pinned Go program. */
export type ProgramName = keyof typeof pins.programs;

/** Everything the toolchain has, but its Go programs (see {@link programPins}). */
export const { node: nodePins, go: goPins, goroot: gorootPins, debian: debianPins } = pins;

/** Names of the pinned Go programs. */
export const programNames: readonly ProgramName[] = [
    "pulumi",
    "docker-build",
    "buildkit",
    "registry",
    "buildx",
];

/** The pins of one Go program, its version filled in. */
export function programPins(name: ProgramName): ProgramPins {
    const program = pins.programs[name];
    return {
        ...program,
        folder: resolve(__dirname, program.folder),
        ldflags: program.ldflags.map((flag) => flag.replace("{version}", program.version)),
        replace: program.replace,
    };
}
