import { oneLine } from "./format";
import { type ImageReport, ImageState, type RunReport } from "./model";
import {
    baseImages,
    byImportance,
    columnTitles,
    figures,
    firstRunText,
    mountsText,
    runSummary,
    stateText,
    stepRows,
} from "./summary";

/**
 * Largest report, in bytes: GitHub accepts 65,536 characters in a comment, and a workflow adds a
 * line.
 */
export const markdownBytesMax = 65_000;

/** Reserved for the lines that list what was left out. */
const restBytes = 500;
const textCharactersMax = 300;
const errorCharactersMax = 4000;
const stepsMax = 60;

/** The report of a run as Markdown, for a comment or a job summary. */
export function runMarkdown(run: RunReport, bytesMax = markdownBytesMax): string {
    const page = new Page(bytesMax - restBytes);
    page.add([
        `### ${run.isPreview ? "Preview" : "Update"} of ${code(`${run.project}/${run.stack}`)}`,
        "",
        `${runSummary(run)}.`,
    ]);
    for (const { component, message } of run.faults) {
        page.add(["", `**${code(component)} is invalid:**`, "", pre(message)]);
    }
    const images = byImportance(run);
    const shown = images.filter(({ state }) => state !== ImageState.Unchanged);
    if (shown.length > 0) {
        page.add(["", tableRow(columnTitles), `|${"---|".repeat(columnTitles.length)}`]);
        const left = shown.filter((image) => !page.add([row(image, run)])).length;
        if (left > 0) page.force(`\n${left} more images are not listed: the report is too long.`);
    }
    addUnchanged(page, images);
    const told = addDetails(page, shown);
    if (told < shown.length) {
        const left = shown.length - told;
        page.force(`\nDetails of ${left} images are left out: the report is too long.`);
    }
    return `${page.text}\n`;
}

/** Collects lines up to a number of bytes. */
class Page {
    text = "";
    private readonly bytesMax: number;
    private bytes = 0;

    constructor(bytesMax: number) {
        this.bytesMax = bytesMax;
    }

    /** Adds all of the lines, or none; returns whether there was room. */
    add(lines: readonly string[]): boolean {
        const addition = lines.join("\n");
        const bytes = Buffer.byteLength(addition) + 1;
        if (this.bytes + bytes > this.bytesMax) return false;
        this.force(addition);
        return true;
    }

    force(line: string): void {
        this.text = this.text === "" ? line : `${this.text}\n${line}`;
        this.bytes += Buffer.byteLength(line) + 1;
    }
}

function row(image: ImageReport, { isPreview }: RunReport): string {
    const cells = figures.map(({ text, isCode = false }) => {
        const value = text(image);
        if (value === undefined) return "–";
        return isCode ? code(value) : value;
    });
    return tableRow([code(image.name), stateText(image.state, isPreview), ...cells]);
}

const tableRow = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function addUnchanged(page: Page, images: readonly ImageReport[]): void {
    const names = images.filter(({ state }) => state === ImageState.Unchanged);
    if (names.length === 0 || names.length === images.length) return;
    const shown = names.slice(0, 20).map(({ name }) => code(name));
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
    page.add(["", `Unchanged: ${shown.join(", ")}${more}.`]);
}

/**
 * Adds the details of images while there is room, then without steps; returns the number of images.
 */
function addDetails(page: Page, images: readonly ImageReport[]): number {
    let hasRoomForSteps = true;
    for (const [told, image] of images.entries()) {
        const about = details(image);
        if (hasRoomForSteps && page.add([...about, ...stepsTable(image)])) continue;
        hasRoomForSteps = false;
        if (!page.add(about)) return told;
    }
    return images.length;
}

/** Why an image was built, and from which cache. */
function details(image: ImageReport): readonly string[] {
    const { name, references, causes, cache, unwritten, build, error } = image;
    const first = firstRunText(image);
    const mounts = mountsText(image);
    const imports = typeof build === "object" ? build.imports : [];
    const lines = [
        ...(causes.length === 0 ? [] : [`- **Why**: ${causes.map(text).join("; ")}`]),
        ...(first === undefined ? [] : [`- **First step that ran**: ${code(first)}`]),
        ...(mounts === undefined ? [] : [`- **Cache mounts**: ${text(mounts)}`]),
        ...(cache === undefined ? [] : [`- **Cache before the build**: ${text(cache)}`]),
        ...imports.map(
            ({ reference, error }) =>
                `- **Cache ${error === "" ? "read" : "not read"}**: ${code(reference)}` +
                (error === "" ? "" : ` ${code(error)}`),
        ),
        ...(unwritten === undefined ? [] : [`- **Cache not written**: ${text(unwritten)}`]),
        ...(typeof build === "string" ? [`- **Steps not known**: ${text(build)}`] : []),
        ...listed("Base images", baseImages(image)),
        ...listed("Image", references.slice(0, 10)),
    ];
    if (lines.length === 0 && error === undefined) return [];
    return [
        "",
        `#### ${code(name)}`,
        "",
        ...lines,
        ...(error === undefined ? [] : ["", pre(error)]),
    ];
}

const listed = (title: string, values: readonly string[]): readonly string[] =>
    values.length === 0 ? [] : [`- **${title}**: ${values.map(code).join(", ")}`];

function stepsTable(image: ImageReport): readonly string[] {
    const shown = stepRows(image);
    if (shown.length === 0) return [];
    const rows = shown
        .slice(0, stepsMax)
        .map(({ stage, text, state, time = "–" }) =>
            tableRow([stage === undefined ? "–" : code(stage), code(text), state, time]),
        );
    const left = shown.length - rows.length;
    return [
        "",
        "<details><summary>Steps</summary>",
        "",
        "| stage | step | result | time |",
        "|---|---|---|---|",
        ...rows,
        "",
        ...(left > 0 ? [`${left} more steps.`, ""] : []),
        "</details>",
    ];
}

/** Escapes text, so that it contains no markup, links or mentions. */
function text(value: string): string {
    return entities(oneLine(value, textCharactersMax)).replace(/&#(?:64|35);/g, "$&&#8288;");
}

/** Text as code. */
export function code(value: string): string {
    const line = oneLine(value, textCharactersMax);
    return line === "" ? "" : `<code>${entities(line)}</code>`;
}

function pre(value: string): string {
    const lines = value.slice(-errorCharactersMax).split("\n");
    return `<pre>${lines.map((line) => entities(oneLine(line, textCharactersMax))).join("<br>")}</pre>`;
}

/** Everything that Markdown or HTML may read as markup becomes a numeric entity. */
function entities(value: string): string {
    return value
        .replace(/[^\p{L}\p{N} .,/=+()%;'…–-]/gu, (sign) => `&#${sign.codePointAt(0)};`)
        .replace(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`);
}
