import { oneLine } from "./format";
import { graphSvg } from "./graphSvg";
import { Html, html } from "./html";
import { type BuildFacts, finalStage, type ImageReport, ImageState, type RunReport } from "./model";
import { pageStyle } from "./pageStyle";
import { stageGraph } from "./stageGraph";
import {
    byImportance,
    columnTitles,
    figures,
    firstRunText,
    mountsText,
    runSummary,
    stateText,
    stepRows,
    timeText,
} from "./summary";
import { timeline } from "./timeline";

/** Maximum number of images with details; the others are only in the table. */
const detailsMax = 300;
/** Longest text of a step, in characters. */
const stepCharactersMax = 400;

/** The page of a run: one HTML file without scripts, and without anything from elsewhere. */
export function runPage(run: RunReport): string {
    const title = html`${run.isPreview ? "Preview" : "Update"} of <code>${run.project}/${run.stack}</code>`;
    const images = byImportance(run);
    const told = images.filter(({ state }) => state !== ImageState.Unchanged).slice(0, detailsMax);
    return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${run.isPreview ? "Preview" : "Update"} of ${run.project}/${run.stack}</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#images">Skip to the images</a>
<header><h1>${title}</h1><p class="muted">${runSummary(run)}.</p></header>
<main id="images">
${timeline(run)}${run.faults.map(
    ({ component, message }, index) =>
        html`<section aria-labelledby="fault-${index}"><h2 id="fault-${index}"><code>${component}</code> is invalid</h2><pre>${message}</pre></section>\n`,
)}${images.length === 0 ? undefined : table(images, told, run)}
${told.map((image, index) => details(image, `image-${index}`, run))}
</main>
</body>
</html>
`.text;
}

function table(
    images: readonly ImageReport[],
    told: readonly ImageReport[],
    { isPreview }: RunReport,
): Html {
    const rows = images.map((image) => {
        const { name, state } = image;
        const index = told.indexOf(image);
        const label = html`<code>${name}</code>`;
        const cells = figures.map(({ text, isCode = false }) => {
            const value = text(image);
            const isCoded = isCode && value !== undefined;
            return html`<td>${isCoded ? html`<code>${value}</code>` : (value ?? "–")}</td>`;
        });
        return html`<tr><th scope="row">${index < 0 ? label : html`<a href="#image-${index}">${label}</a>`}</th><td>${badge(state, stateText(state, isPreview))}</td>${cells}</tr>\n`;
    });
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Images of the run"><table><caption>Images</caption>
<thead><tr>${columnTitles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function details(image: ImageReport, id: string, { isPreview }: RunReport): Html {
    const { name, state, causes, cache, unwritten, references, build, digest, error } = image;
    const first = firstRunText(image);
    const facts = typeof build === "object" ? build : undefined;
    const entries = [
        ...entry("why", causes.join("; ")),
        ...entry("first step that ran", first),
        ...entry("cache mounts", mountsText(image)),
        ...entry("cache before the build", cache),
        ...(facts?.imports ?? []).flatMap(({ reference, error }) =>
            entry(error === "" ? "cache read" : "cache not read", `${reference} ${error}`.trim()),
        ),
        ...entry("cache not written", unwritten),
        ...entry("steps", typeof build === "string" ? `not known: ${build}` : undefined),
        ...entry("time", timeText(image)),
        ...references.flatMap((one) => entry("image", one)),
        ...entry("digest", digest),
    ];
    return html`<section aria-labelledby="${id}">
<h2 id="${id}"><code>${name}</code> ${badge(state, stateText(state, isPreview))}</h2>
<dl>${entries}</dl>
${error === undefined ? undefined : html`<pre>${error.slice(-8000)}</pre>\n`}${facts === undefined ? undefined : drawing(facts, image, id)}
</section>
`;
}

function entry(term: string, value: string | undefined): readonly Html[] {
    return value === undefined || value === "" ? [] : [html`<dt>${term}</dt><dd>${value}</dd>\n`];
}

const badge = (state: string, label: string): Html =>
    html`<span class="state ${state}">${label}</span>`;

function drawing(build: BuildFacts, image: ImageReport, id: string): Html {
    const nodes = stageGraph(build, image.stage ?? finalStage);
    if (nodes.length === 0) return html`<p>BuildKit recorded no steps.</p>`;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Stages of ${image.name}">${graphSvg(nodes, id)}</div>
<details open><summary>Steps of ${image.name}</summary>
<table class="steps"><thead><tr><th scope="col">step</th><th scope="col">result</th><th scope="col">time</th></tr></thead>
${stepGroups(image)}</table></details>`;
}

/** The rows of each stage, below the name of the stage. */
function stepGroups(image: ImageReport): readonly Html[] {
    const rows = stepRows(image);
    return [...new Set(rows.map(({ stage }) => stage))].map((stage) => {
        const title = stage === undefined ? "exports and saves" : html`<code>${stage}</code>`;
        return html`<tbody><tr><th scope="rowgroup" colspan="3">${title}</th></tr>
${rows
    .filter((row) => row.stage === stage)
    .map(
        ({ text, state, time = "–" }) =>
            html`<tr><td class="step"><code>${oneLine(text, stepCharactersMax)}</code></td><td>${badge(state, state)}</td><td>${time}</td></tr>\n`,
    )}</tbody>
`;
    });
}
