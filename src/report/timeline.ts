import { formatTime } from "./format";
import { type Html, html } from "./html";
import { type ImageReport, type RunReport, type Span, type WorkKind, workKinds } from "./model";

/** What a bar shows. */
export type BarKind = WorkKind | "waiting";

/** One bar of a timeline, from the start of the run. */
export interface Bar {
    readonly kind: BarKind;
    readonly startMs: number;
    readonly ms: number;
}

/** The bars of one image. */
export interface TimelineRow {
    readonly image: ImageReport;
    readonly bars: readonly Bar[];
    readonly endMs: number;
}

/** From this part of the width on, a bar has a text. */
const textFrom = 0.14;
/** Maximum number of images. */
const rowsMax = 300;

const words: Readonly<Record<BarKind, string>> = {
    waiting: "waiting",
    base: "base images and cached layers",
    restore: "restoring cache mounts",
    steps: "steps",
    push: "export and push",
    save: "saving cache mounts",
};

/** What wins when a build does two things at once, and a row has room for one bar. */
const priority: readonly WorkKind[] = ["steps", "restore", "base", "push", "save"];

/** The rows of the images that were built, in the order of their starts. */
export function timelineRows({ images }: RunReport): readonly TimelineRow[] {
    return images
        .flatMap((image) => {
            const { startMs, ms, saves, build } = image;
            if (startMs === undefined || ms === undefined) return [];
            const spans = (typeof build === "object" ? build.spans : []).map((span) => ({
                ...span,
                startMs: startMs + span.startMs,
            }));
            const saving = saves === undefined ? [] : [{ ...saves, kind: "save" as const }];
            const bars = [
                ...(startMs > 0 ? [{ kind: "waiting" as const, startMs: 0, ms: startMs }] : []),
                ...withoutOverlap([...spans, ...saving]),
            ];
            const endMs = Math.max(startMs + ms, ...saving.map((one) => one.startMs + one.ms));
            return [{ image, bars, endMs }];
        })
        .sort((left, right) => (left.image.startMs ?? 0) - (right.image.startMs ?? 0));
}

/**
 * Times of a build, from the moment at which the component began with it: the component checks registries
 * first, and reads files.
 *
 * @param lagMs time until BuildKit began, by its own clock, which may differ
 * @param ms time of the build, which contains all spans
 */
export function delayed(spans: readonly Span[], lagMs: number, ms: number): readonly Span[] {
    const endMs = Math.max(0, ...spans.map((span) => span.startMs + span.ms));
    const lag = Math.max(0, Math.min(lagMs, ms - endMs));
    return spans.map((span) => ({ ...span, startMs: span.startMs + lag }));
}

/** The times of each kind that no kind with a higher priority has. */
function withoutOverlap(spans: readonly Span[]): readonly Bar[] {
    const times = [...new Set(spans.flatMap(({ startMs, ms }) => [startMs, startMs + ms]))].sort(
        (left, right) => left - right,
    );
    const bars: Bar[] = [];
    for (const [index, endMs] of times.slice(1).entries()) {
        const startMs = times[index] ?? 0;
        const active = spans.filter(
            (span) => span.startMs <= startMs && span.startMs + span.ms >= endMs,
        );
        const kind = priority.find((one) => active.some((span) => span.kind === one));
        const last = bars.at(-1);
        if (kind === undefined) continue;
        if (last !== undefined && last.kind === kind && last.startMs + last.ms === startMs) {
            bars[bars.length - 1] = { ...last, ms: endMs - last.startMs };
        } else bars.push({ kind, startMs, ms: endMs - startMs });
    }
    return bars;
}

/** A drawing of the run: what each image waited for, and what its build did when. */
export function timeline(run: RunReport): Html | undefined {
    const rows = timelineRows(run).slice(0, rowsMax);
    const totalMs = Math.max(...rows.map(({ endMs }) => endMs));
    if (rows.length === 0 || totalMs <= 0) return undefined;
    const shown = (["waiting", ...workKinds] as const).filter((kind) =>
        rows.some(({ bars }) => bars.some((bar) => bar.kind === kind)),
    );
    return html`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<p class="legend">${shown.map((kind) => html`<span><i class="bar ${kind}"></i> ${words[kind]}</span> `)}<span><i class="bar build"></i> checks, context, the rest of the build</span></p>
<ol class="timeline">${rows.map((row) => drawn(row, totalMs))}</ol>
<p class="axis muted" aria-hidden="true"><span>0 s</span><span>${formatTime(totalMs / 2)}</span><span>${formatTime(totalMs)}</span></p></section>
`;
}

function drawn({ image, bars }: TimelineRow, totalMs: number): Html {
    const percent = (ms: number) => `${((100 * ms) / totalMs).toFixed(2)}%`;
    const { name, state, startMs = 0, ms = 0 } = image;
    const failed = state === "failed" ? " failed" : "";
    return html`<li><span><code>${name}</code> <span class="muted">${formatTime(ms)}${failed}</span></span>
<span class="track" role="img" aria-label="${described(bars)}"><i class="bar build" style="left:${percent(startMs)};width:${percent(ms)}"></i>${bars.map(
        (bar) =>
            html`<i class="bar ${bar.kind}" style="left:${percent(bar.startMs)};width:${percent(bar.ms)}" title="${words[bar.kind]} ${formatTime(bar.ms)}">${bar.ms > totalMs * textFrom ? `${bar.kind} ${formatTime(bar.ms)}` : ""}</i>`,
    )}</span></li>
`;
}

/** `waiting 0.4 s, steps 19.8 s`: the time of each kind. */
function described(bars: readonly Bar[]): string {
    const kinds = [...new Set(bars.map(({ kind }) => kind))];
    return kinds
        .map((kind) => {
            const own = bars.filter((bar) => bar.kind === kind);
            return `${words[kind]} ${formatTime(own.reduce((sum, { ms }) => sum + ms, 0))}`;
        })
        .join(", ");
}
