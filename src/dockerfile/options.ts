import type { Value } from "./expand";

/** What is known of an image that a stage is built on. */
export interface BaseImage {
    /** The variables of its configuration (`Env`). */
    readonly env: Readonly<Record<string, string>>;
    /** The ONBUILD triggers of its configuration (`OnBuild`). */
    readonly triggers: readonly string[];
}

/** What a build is given besides the Dockerfile; everything in it is optional. */
export interface BuildOptions {
    /** Stage to build, by name in any case. Equivalent to Docker's `--target`. @default the last */
    readonly target?: string;
    /**
     * Build arguments; a value may be unknown. `"unknown"` means that any argument may be given, with
     * any value. Equivalent to Docker's `--build-arg`.
     */
    readonly buildArgs?: Readonly<Record<string, Value>> | "unknown";
    /** Platform that is built for, as `linux/amd64`. @default unknown: the BuildKit's own, of Linux */
    readonly platform?: string;
    /** Names of named contexts. Equivalent to Docker's `--build-context`. @default none */
    readonly namedContexts?: readonly string[];
    /**
     * What is known of base images: by reference as FROM names it once its variables are expanded,
     * or by the name of the named context in its place. @default nothing
     */
    readonly baseImages?: Readonly<Record<string, BaseImage>>;
}
