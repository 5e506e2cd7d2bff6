import { formatTime, oneLine } from "./format";
import { type Html, html } from "./html";
import type { StageNode } from "./stageGraph";
import { countsText } from "./steps";

const box = { width: 210, height: 66 } as const;
const gap = { x: 56, y: 18 } as const;
const margin = 6;
const nameCharactersMax = 24;

/** A drawing of the stages of a build, with a description for screen readers. */
export function graphSvg(nodes: readonly StageNode[], id: string): Html {
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
            .map((source) => edge(place(source), place(node), `${id}-arrow`)),
    );
    return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Stages of the build</title>
<desc id="${id}-desc">${nodes.map(describe).join(" ")}</desc>
<defs><marker id="${id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" class="arrow"/></marker></defs>
${edges}${nodes.map((node) => drawn(node, place(node)))}
</svg>`;
}

interface Place {
    readonly x: number;
    readonly y: number;
}

function edge(from: Place, to: Place, arrow: string): Html {
    const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
    const [x2, y2] = [to.x - 2, to.y + box.height / 2];
    const middle = (x1 + x2) / 2;
    return html`<path class="edge" marker-end="url(#${arrow})" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

function drawn(node: StageNode, { x, y }: Place): Html {
    return html`<g class="${node.state}"><rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="8"/>
<text x="${x + 12}" y="${y + 24}" class="name">${oneLine(node.name, nameCharactersMax)}</text>
<text x="${x + 12}" y="${y + 43}">${counts(node)}</text>
<text x="${x + 12}" y="${y + 58}" class="time">${formatTime(node.ms)}</text></g>
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
