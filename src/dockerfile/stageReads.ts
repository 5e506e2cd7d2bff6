import type { Unknown } from "./expand";
import type { Stage } from "./stage";

/** One source that an instruction reads from the build context. */
export interface ContextRead {
    readonly instruction: "COPY" | "ADD" | "RUN";
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    /** The source as written. */
    readonly written: string;
    /**
     * Path from the context's root, without a slash before it; empty for the root. It holds
     * wildcards (`*`, `?`, `[…]`, each within one path component) if {@link wildcards} says so.
     */
    readonly path: string;
    readonly wildcards: boolean;
    /** `--parents`: what is taken below {@link path}, as a dockerignore-style pattern. */
    readonly include?: string;
    /** `--exclude`: dockerignore-style patterns below {@link path} that are left out. */
    readonly exclude: readonly string[];
    /** Set when the stage may not be built, so that what is missing is no failure. */
    readonly isOptional?: true;
}

/** What one instruction reads from a named context. */
export interface NamedContextRead {
    /** Name of the context. */
    readonly name: string;
    readonly reads: readonly ContextRead[];
    /** The paths that BuildKit asks the client for, cleaned; empty for all of the context. */
    readonly asked: readonly string[];
}

/** Why all of the build context may be read. */
export interface WholeContext {
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    readonly reason: string;
}

/** A cache mount, a secret or an ssh agent that a stage uses. */
export interface MountUse {
    readonly line: number;
    /** Its id; unknown when it depends on an unknown variable. */
    readonly id: string | Unknown;
    readonly required: boolean;
}

/** What one stage reads besides other stages and images. */
export interface StageReads {
    readonly stage: Stage;
    readonly context: readonly ContextRead[];
    /**
     * The paths that BuildKit asks the client for, cleaned; empty for all of the context. More than
     * what is read: a tmpfs mount asks for all of it.
     */
    readonly asked: readonly string[];
    /** What it reads from named contexts, as far as that is known. */
    readonly named: readonly NamedContextRead[];
    /** Instructions of which it is not known what they read. */
    readonly whole: readonly WholeContext[];
    readonly caches: readonly MountUse[];
    readonly secrets: readonly MountUse[];
    readonly ssh: readonly MountUse[];
}
