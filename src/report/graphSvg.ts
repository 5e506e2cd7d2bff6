import { formatTime, oneLine } from "./format";
import { type Html, html } from "./html";
import type { StageNode } from "./stageGraph";
import { countsText } from "./steps";

const boxHeight = 66;
/** Longest name and counts, in characters, and the widths of a character in each. */
const nameMax = { characters: 32, width: 8.7 } as const;
const countsMax = { characters: 44, width: 7.2 } as const;
const boxWidthMin = 130;
const gap = { x: 56, y: 18 } as const;
const margin = 6;
const padding = 12;

/** A drawing of the stages of a build, with a description for screen readers. */
export function graphSvg(nodes: readonly StageNode[], id: string): Html {
    const box = { width: Math.max(boxWidthMin, ...nodes.map(widthOf)), height: boxHeight };
    const place = (node: StageNode) => ({
        x: margin + node.column * (box.width + gap.x),
        y: margin + node.row * (box.height + gap.y),
    });
    const columns = 1 + Math.max(0, ...nodes.map(({ column }) => column));
    const rows = 1 + Math.max(0, ...nodes.map(({ row }) => row));
    const width = columns * (box.width + gap.x) - gap.x + 2 * margin;
    const height = rows * (box.height + gap.y) - gap.y + 2 * margin;
    const edges = nodes.flatMap((node) =>
        nodes
            .filter(({ name }) => node.from.includes(name))
            .map((source) => edge(place(source), place(node), box, `${id}-arrow`)),
    );
    return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Stages of the build</title>
<desc id="${id}-desc">${nodes.map(describe).join(" ")}</desc>
<defs><marker id="${id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" class="arrow"/></marker></defs>
${edges}${nodes.map((node) => drawn(node, place(node), box))}
</svg>`;
}

interface Place {
    readonly x: number;
    readonly y: number;
}

interface Box {
    readonly width: number;
    readonly height: number;
}

const nameOf = ({ name }: StageNode): string => oneLine(name, nameMax.characters);

/** The width of a box that has room for its texts. */
function widthOf(node: StageNode): number {
    const text = oneLine(counts(node), countsMax.characters);
    return (
        2 * padding +
        Math.ceil(
            Math.max(
                widthInCharacters(nameOf(node)) * nameMax.width,
                text.length * countsMax.width,
            ),
        )
    );
}

/** The number of columns of a text: signs outside of Latin, Greek and Cyrillic script may take two. */
function widthInCharacters(text: string): number {
    return [...text].reduce((sum, sign) => sum + (sign > "\u{52f}" ? 2 : 1), 0);
}

function edge(from: Place, to: Place, box: Box, arrow: string): Html {
    const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
    const [x2, y2] = [to.x - 2, to.y + box.height / 2];
    const middle = (x1 + x2) / 2;
    return html`<path class="edge" marker-end="url(#${arrow})" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

function drawn(node: StageNode, { x, y }: Place, box: Box): Html {
    return html`<g class="${node.state}"><rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="8"/>
<text x="${x + padding}" y="${y + 24}" class="name">${nameOf(node)}</text>
<text x="${x + padding}" y="${y + 43}">${counts(node)}</text>
<text x="${x + padding}" y="${y + 58}" class="time">${formatTime(node.ms)}</text></g>
`;
}

function describe(node: StageNode): string {
    const { name, from, ms } = node;
    const reads = from.length === 0 ? "" : ` Reads ${from.join(", ")}.`;
    return `Stage ${name}: ${counts(node)}, ${formatTime(ms)}.${reads}`;
}

/** `3 cached, 2 ran`. */
function counts({ counts }: StageNode): string {
    return countsText(counts) || "base image only";
}
