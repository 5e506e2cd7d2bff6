import type { Selection } from "../context/select";

/** The amount of files to send to BuildKit. */
export interface ContextSize {
    readonly files: number;
    readonly bytes: number;
    /** The biggest entries of the context's root, biggest first. */
    readonly biggest: readonly { readonly path: string; readonly bytes: number }[];
}

/** Limits on what a build reads from a context; above them, a warning appears. */
export interface SizeLimits {
    /** @default 100_000 */
    readonly filesMax?: number;
    /** @default 2 GiB */
    readonly bytesMax?: number;
}

const filesMaxDefault = 100_000;
const bytesMaxDefault = 2 * 1024 ** 3;

/** Adds up the files of a selection. */
export function sizeOf(selection: Selection): ContextSize {
    const tops = new Map<string, number>();
    let files = 0;
    let bytes = 0;
    for (const { path, kind, size } of selection.nodes) {
        if (kind === "directory") continue;
        const top = path.split("/", 1)[0] ?? path;
        tops.set(top, (tops.get(top) ?? 0) + size);
        files++;
        bytes += size;
    }
    const biggest = [...tops]
        .map(([path, total]) => ({ path, bytes: total }))
        .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
        .slice(0, 5);
    return { files, bytes, biggest };
}

/** A warning about a context above the limits; undefined within the limits. */
export function tooBig(size: ContextSize, limits: SizeLimits = {}): string | undefined {
    const { filesMax = filesMaxDefault, bytesMax = bytesMaxDefault } = limits;
    if (size.files <= filesMax && size.bytes <= bytesMax) return undefined;
    const list = size.biggest.map(({ path, bytes }) => `${path} (${inUnits(bytes)})`).join(", ");
    return (
        `the build reads ${size.files} files (${inUnits(size.bytes)}), more than contextLimits ` +
        `allows without this warning (${filesMax} files, ${inUnits(bytesMax)}). Add files that ` +
        `the build does not need to .dockerignore, or raise the limits; the biggest are ${list}`
    );
}

/** A number of bytes in a readable unit. */
function inUnits(bytes: number): string {
    const units = ["B", "KiB", "MiB", "GiB"];
    const step = bytes < 1 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
    const value = bytes / 1024 ** step;
    return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}
