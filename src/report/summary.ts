import { formatBytes, formatSize, formatTime, shortDigest } from "./format";
import { finalStage, type ImageReport, ImageState, type RunReport, type Step } from "./model";
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
    { title: "time", text: timeText },
    { title: "steps", text: stepsText },
    {
        title: "size",
        text: ({ bytes, bytesBefore }) =>
            bytes === undefined ? undefined : formatSize(bytes, bytesBefore),
    },
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

/** The step from which the build ran; undefined when the build was stopped before a step of its own ran. */
export function firstRunText({ build }: ImageReport): string | undefined {
    if (build === undefined || typeof build === "string") return undefined;
    const step = firstRun(build);
    // A step of another build may have failed, which this build shares.
    const isEnded = build.steps.every(({ state, isBase }) => isBase || state === "cached");
    if (step === undefined && !isEnded) return undefined;
    const reason = build.isPreviewed
        ? "an earlier preview built the image"
        : "every step came from the cache";
    return step === undefined
        ? `none, ${reason}`
        : `${step.stage === undefined ? "" : `${step.stage}: `}${step.text}`;
}

/** One row of the table of steps. */
export interface StepRow {
    /** Undefined for what is no instruction of a stage: exports, saves. */
    readonly stage: string | undefined;
    readonly text: string;
    readonly state: Step["state"];
    /** Time in words; undefined for a cached step. */
    readonly time: string | undefined;
}

/** The user's steps without `FROM`, stage by stage, then the exports and the saves. */
export function stepRows({ build, stage = finalStage, saves }: ImageReport): readonly StepRow[] {
    const { steps, exports } = typeof build === "object" ? build : { steps: [], exports: [] };
    const row = ({ text, state, ms }: Pick<Step, "text" | "state" | "ms">, stage?: string) => ({
        stage,
        text,
        state,
        time: state === "cached" ? undefined : formatTime(ms),
    });
    const own = steps.filter(({ isBase }) => !isBase).map((one) => row(one, one.stage ?? stage));
    const stages = [...new Set(own.map((one) => one.stage))];
    return [
        ...stages.flatMap((name) => own.filter((one) => one.stage === name)),
        ...exports.map((one) => row(one)),
        ...(saves === undefined
            ? []
            : [row({ text: "saving cache mounts", state: "ran", ms: saves.ms })]),
    ];
}

/** `/go/pkg/mod restored (12.0 MB, 0.6 s)`; undefined when no mount was restored or saved. */
export function mountsText({ build, saves }: ImageReport): string | undefined {
    const mounts = [
        ...(typeof build === "object" ? build.mounts : []),
        ...(saves === undefined ? [] : saves.mounts),
    ];
    const texts = mounts.map(({ id, result, bytes, ms }) => {
        const facts = [
            ...(bytes === undefined ? [] : [formatBytes(bytes)]),
            ...(ms === undefined ? [] : [formatTime(ms)]),
        ];
        return `${id} ${result}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
    });
    return texts.length === 0 ? undefined : texts.join(", ");
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
