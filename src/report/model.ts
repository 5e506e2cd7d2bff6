import type { StepOutcome } from "../buildkit/history";

/**
 * Variables that ask for a report: the names of its Markdown file and its HTML file. Relative paths
 * start at the program's folder.
 */
export const reportVariables = ["HARBOR_BUILD_REPORT", "HARBOR_BUILD_PAGE"] as const;
export type ReportVariable = (typeof reportVariables)[number];

/** How far an image got in a run. */
export const ImageState = {
    /** Nothing is known yet: the run has not reached the image. */
    Waiting: "waiting",
    Unchanged: "unchanged",
    /** A preview found changes; the next deployment builds the image. */
    Planned: "planned",
    Building: "building",
    Built: "built",
    Failed: "failed",
} as const;
export type ImageState = (typeof ImageState)[keyof typeof ImageState];

/** What reports call a last stage without a name. */
export const finalStage = "final stage";

/** One instruction that a build went through. */
export interface Step {
    readonly id: string;
    /** Name of the stage; undefined in a build of only one stage, and for exports. */
    readonly stage: string | undefined;
    /** `RUN go mod download`, as the user wrote it. */
    readonly text: string;
    readonly state: StepOutcome;
    /** Time during which the step ran, in milliseconds. */
    readonly ms: number;
    /** Ids of the steps that it continues or copies from. */
    readonly inputs: readonly string[];
    /** Whether the step is a `FROM`, which reads an image and is never cached. */
    readonly isBase: boolean;
}

/** What became of one cache mount in a build. */
export interface MountWork {
    /** The mount's id in the Dockerfile. */
    readonly id: string;
    /** `restored`, `saved`, or why not. */
    readonly result: string;
    /** Bytes to or from the registry; undefined when there were none. */
    readonly bytes?: number | undefined;
    /** Time that it took, in milliseconds; undefined when not known. */
    readonly ms?: number | undefined;
}

/** What a build spends its time on, in the order in which a timeline lists it. */
export const workKinds = ["base", "restore", "steps", "push", "save"] as const;
export type WorkKind = (typeof workKinds)[number];

/** A time in which a build did one kind of work. */
export interface Span {
    readonly kind: WorkKind;
    /** Start, in milliseconds after the start of the build. */
    readonly startMs: number;
    readonly ms: number;
}

/** A cache source that BuildKit read, or failed to read. */
export interface CacheImport {
    readonly reference: string;
    /** Why BuildKit could not read it; empty when it could. */
    readonly error: string;
}

/** What BuildKit recorded about one build. */
export interface BuildFacts {
    readonly steps: readonly Step[];
    readonly imports: readonly CacheImport[];
    /** Exports of the image and of its cache. */
    readonly exports: readonly Step[];
    /** The cache mounts that the build restored or saved. */
    readonly mounts: readonly MountWork[];
    /** What the build did when. */
    readonly spans: readonly Span[];
    /** Whether a preview was the last to build the image before. @default false */
    readonly isPreviewed?: boolean | undefined;
}

/** The build that saves the cache mounts of an image. */
export interface MountSaves {
    /** Start, in milliseconds after the start of the run. */
    readonly startMs: number;
    readonly ms: number;
    readonly mounts: readonly MountWork[];
}

/** One image of a run. */
export interface ImageReport {
    /** Name of the component. */
    readonly component: string;
    /** Logical name of the image. */
    readonly name: string;
    /** Stage that the image is built from; undefined for the last stage. */
    readonly stage: string | undefined;
    readonly state: ImageState;
    readonly references: readonly string[];
    readonly digest?: string | undefined;
    /** Inputs that changed, in words. */
    readonly causes: readonly string[];
    /** State of the cache sources before the build. */
    readonly cache?: string | undefined;
    /** Why the build did not write its cache; undefined when the cache is written. */
    readonly unwritten?: string | undefined;
    /** What BuildKit recorded; a text that explains why nothing is known. */
    readonly build?: BuildFacts | string | undefined;
    /** Size of the compressed layers, in bytes. */
    readonly bytes?: number | undefined;
    /** Size of the image's compressed layers before this run, in bytes. */
    readonly bytesBefore?: number | undefined;
    /** Start of the build, in milliseconds after the start of the run. */
    readonly startMs?: number | undefined;
    /** Duration of the build with its push, in milliseconds. */
    readonly ms?: number | undefined;
    /** The cache mounts that were saved after the build. */
    readonly saves?: MountSaves | undefined;
    /** Why the build failed. */
    readonly error?: string | undefined;
}

/** One run of Pulumi. */
export interface RunReport {
    readonly project: string;
    readonly stack: string;
    readonly isPreview: boolean;
    readonly images: readonly ImageReport[];
    /** Components that could not be declared, with the reason. */
    readonly faults: readonly { readonly component: string; readonly message: string }[];
}
