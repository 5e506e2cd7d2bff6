import type { Unknown, Value } from "./expand";
import type { Mount } from "./mount";
import type { RemoteSource } from "./remote";
import type { Stage } from "./stage";

/** One source that an instruction reads from the build context. */
export interface ContextRead {
    readonly instruction: "COPY" | "ADD" | "RUN";
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    /** The source as written. */
    readonly written: string;
    /**
     * Path from the context's root, without a leading slash; empty for the root. Contains wildcards
     * (`*`, `?`, `[…]`, each within one path component) when {@link wildcards} is true.
     */
    readonly path: string;
    readonly wildcards: boolean;
    /** `--parents`: a dockerignore-style pattern for the entries to copy below {@link path}. */
    readonly include?: string;
    /** `--exclude`: dockerignore-style patterns for the entries to leave out below {@link path}. */
    readonly exclude: readonly string[];
    /** Whether the stage may not be built, so that a missing source is not a failure. */
    readonly isOptional?: true;
}

/** What one instruction reads from a named context. */
export interface NamedContextRead {
    /** Name of the context. */
    readonly name: string;
    /** Empty when only the build knows them. */
    readonly reads: readonly ContextRead[];
    /** The cleaned paths that BuildKit requests from the client; empty for the whole context. */
    readonly asked: readonly string[];
}

/** Why the build may read the whole context. */
export interface WholeContext {
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    readonly reason: string;
}

/** A secret or an ssh agent that a stage uses. */
export interface MountUse {
    readonly line: number;
    /** The id; unknown when it depends on an unknown variable. */
    readonly id: string | Unknown;
    readonly required: boolean;
}

/** A cache mount, with its id as BuildKit finds it. */
export interface CacheUse extends Pick<Mount, "from" | "cache"> {
    readonly line: number;
    readonly id: string | Unknown;
    /** Whether the Dockerfile gives the id. */
    readonly hasId: boolean;
    /** An absolute, cleaned path. */
    readonly target: Value;
    /** The value of `--mount` as written. */
    readonly written: string;
}

/** Where a `RUN` has a mount of any type. */
export interface MountTarget {
    readonly line: number;
    /** An absolute, cleaned path. */
    readonly target: Value;
}

/** What one stage reads besides other stages and images. */
export interface StageReads {
    readonly stage: Stage;
    readonly context: readonly ContextRead[];
    /**
     * The cleaned paths that BuildKit requests from the client; empty for the whole context. This
     * can be more than the instructions read: a tmpfs mount requests the whole context.
     */
    readonly asked: readonly string[];
    /** What the stage reads from named contexts, as far as known. */
    readonly named: readonly NamedContextRead[];
    /** Instructions that may read anything. */
    readonly whole: readonly WholeContext[];
    /** What `ADD` fetches; "unknown" for a source that may be on any server. */
    readonly fetched: readonly (RemoteSource | "unknown")[];
    readonly caches: readonly CacheUse[];
    readonly targets: readonly MountTarget[];
    readonly secrets: readonly MountUse[];
    readonly ssh: readonly MountUse[];
}
