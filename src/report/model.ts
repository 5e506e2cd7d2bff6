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

/** One instruction that a build went through. */
export interface Step {
    readonly id: string;
    /** Name of the stage; undefined in a build of only one stage. */
    readonly stage: string | undefined;
    /** `RUN go mod download`. */
    readonly text: string;
    readonly state: StepOutcome;
    /** Time during which the step ran, in milliseconds. */
    readonly ms: number;
    /** Ids of the steps that it continues or copies from. */
    readonly inputs: readonly string[];
    /** Whether the step is a `FROM`, which reads an image and is never cached. */
    readonly isBase: boolean;
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
    /** Whether a preview was the last to build the image before. @default false */
    readonly isPreviewed?: boolean | undefined;
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
    /** Duration of the build with its push, in milliseconds. */
    readonly ms?: number | undefined;
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
