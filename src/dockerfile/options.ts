import type { Value } from "./expand";

/** What is known about an image that a stage is built on. */
export interface BaseImage {
    /** The variables in the image's configuration (`Env`). */
    readonly env: Readonly<Record<string, string>>;
    /** The ONBUILD triggers in the image's configuration (`OnBuild`). */
    readonly triggers: readonly string[];
}

/** Inputs of a build in addition to the Dockerfile; all are optional. */
export interface BuildOptions {
    /**
     * Stage to build; case does not matter. Equivalent to Docker's `--target`. @default the last
     */
    readonly target?: string;
    /**
     * Build arguments; a value may be unknown. `"unknown"` means that any argument may be given,
     * with any value. Equivalent to Docker's `--build-arg`.
     */
    readonly buildArgs?: Readonly<Record<string, Value>> | "unknown";
    /** Target platform, such as `linux/amd64`. @default unknown: BuildKit's own, with Linux */
    readonly platform?: string;
    /** Names of named contexts. Equivalent to Docker's `--build-context`. @default none */
    readonly namedContexts?: readonly string[];
    /**
     * What is known about base images. The key is the reference in FROM after expansion, or the
     * name of the named context that replaces the image. @default nothing
     */
    readonly baseImages?: Readonly<Record<string, BaseImage>>;
}
