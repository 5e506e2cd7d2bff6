import { formatSize, formatTime, shortDigest } from "./format";
import { type ImageReport, ImageState, type RunReport } from "./model";
import { countSteps, countsText, firstRun } from "./steps";

/** Images that need attention first, then the others in the order of their declaration. */
const order: readonly ImageState[] = [
    ImageState.Failed,
    ImageState.Building,
    ImageState.Built,
    ImageState.Planned,
    ImageState.Waiting,
    ImageState.Unchanged,
];

/** Name of the last stage in a build of only that stage, where BuildKit names none. */
export const finalStage = "final stage";

/** The images of a run by importance. */
export function byImportance({ images }: RunReport): readonly ImageReport[] {
    return [...images].sort(
        (left, right) => order.indexOf(left.state) - order.indexOf(right.state),
    );
}

/** What the state of an image means in this run. */
export function stateText(state: ImageState, isPreview: boolean): string {
    switch (state) {
        case ImageState.Waiting:
            return isPreview ? "not known yet" : "not reached";
        case ImageState.Planned:
            return "would be built";
        case ImageState.Building:
            return "being built";
        case ImageState.Built:
            return isPreview ? "built, not pushed" : "built and pushed";
        default:
            return state;
    }
}

/** `2 built and pushed, 1 unchanged`, or that there is nothing to do. */
export function runSummary(run: RunReport): string {
    if (run.faults.length > 0) {
        return "invalid: nothing was built";
    }
    if (run.images.every(({ state }) => state === ImageState.Unchanged)) {
        return "nothing changed, so nothing is built";
    }
    return order
        .map(
            (state) => [state, run.images.filter((image) => image.state === state).length] as const,
        )
        .filter(([, count]) => count > 0)
        .map(([state, count]) => `${count} ${stateText(state, run.isPreview)}`)
        .join(", ");
}

/** One fact about an image: a column in the tables of both reports. */
export interface Figure {
    readonly title: string;
    /** The cell's text; undefined when the fact is not known. */
    readonly text: (image: ImageReport) => string | undefined;
    /** @default false */
    readonly isCode?: boolean;
}

/** The columns after an image's name and result, in their order. */
export const figures: readonly Figure[] = [
    { title: "steps", text: stepsText },
    {
        title: "size",
        text: ({ bytes, bytesBefore }) =>
            bytes === undefined ? undefined : formatSize(bytes, bytesBefore),
    },
    { title: "time", text: timeText },
    {
        title: "digest",
        text: ({ digest = "" }) => (digest === "" ? undefined : shortDigest(digest)),
        isCode: true,
    },
];

/** The titles of all columns. */
export const columnTitles = ["image", "result", ...figures.map(({ title }) => title)];

/** `3 cached, 2 ran`; undefined when no build is known. */
function stepsText({ build }: ImageReport): string | undefined {
    if (build === undefined) return undefined;
    if (typeof build === "string") return "not known";
    return countsText(countSteps(build)) || "none";
}

/** The step from which the build ran, as the reason that BuildKit shows. */
export function firstRunText({ build }: ImageReport): string | undefined {
    if (build === undefined || typeof build === "string") return undefined;
    const step = firstRun(build);
    const reason = build.isPreviewed
        ? "an earlier preview built the image"
        : "every step came from the cache";
    return step === undefined
        ? `none, ${reason}`
        : `${step.stage === undefined ? "" : `${step.stage}: `}${step.text}`;
}

/** The base images that a build read, each with the start of its digest. */
export function baseImages({ build }: ImageReport): readonly string[] {
    const steps = typeof build === "object" ? build.steps : [];
    const names = steps
        .filter(({ isBase }) => isBase)
        .map(({ text }) => text.replace("FROM ", "").replace(/sha256:[0-9a-f]+/, shortDigest));
    return [...new Set(names)];
}

/** `4.2 s`; undefined when the image was not built. */
export function timeText({ ms }: ImageReport): string | undefined {
    return ms === undefined ? undefined : formatTime(ms);
}
