import type { Sample } from "./samples";

/** What a bout builds. */
export interface Task {
    readonly sample: Sample;
    /** Number of images in the stack. */
    readonly images: number;
}

/** One way to build images through Harbor. */
export interface Subject {
    /** Key in the results and heading of the column. */
    readonly name: string;
    /** Prepares a round: an empty Harbor project, the sources and an empty state. */
    open(task: Task): Promise<Bout>;
}

/** One subject's part of one round. */
export interface Bout {
    /** Folders of the build contexts, one for each image; the rounds change the files. */
    readonly contexts: readonly string[];
    /** Everything between a change and the pushed images. */
    run(): Promise<void>;
    /** Loses the state, as a stack whose backend is gone, so that the next run really builds. */
    loseState(): Promise<void>;
    /** Removes everything that the bout left in Harbor and on this machine. */
    close(): Promise<void>;
}

/** Subjects that build one sample, side by side. */
export interface Match {
    readonly sample: Sample;
    /** Number of images in the stack. */
    readonly images: number;
    readonly subjects: readonly Subject[];
    /** Names of the cases; the first case runs always, because it fills the caches of the others. */
    readonly cases: readonly string[];
    /** Maximum number of rounds. */
    readonly rounds: number;
    /** Name of the subject with which ratios compare. @default {@link makefileName} */
    readonly reference?: string;
}

/** Name of the subject with which ratios compare, unless a match names another one. */
export const makefileName = "makefile";

/** Headings of the subjects in docs/bench.md, by name. */
export const subjectTitles: Readonly<Record<string, string>> = {
    makefile: "Makefile",
    "makefile-mounts": "Makefile, cache mounts",
    "harbor-build-mounts": "harbor-build, `carryMounts`",
    "docker-build": "two docker-build Images",
    "bake-registry": "bake, registry caches",
    "two-platforms": "two platforms, a builder each",
    "linux-amd64": "linux/amd64 alone",
    "linux-arm64": "linux/arm64 alone, the slower one",
};
