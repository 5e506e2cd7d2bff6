const units = ["B", "kB", "MB", "GB", "TB"];

/** `12.4 MB`, in decimal units as Docker prints sizes. */
export function formatBytes(bytes: number): string {
    let value = bytes;
    let unit = 0;
    while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `12.4 MB (+1.2 MB)`, with the difference from an earlier size if there is one. */
export function formatSize(bytes: number, before: number | undefined): string {
    if (before === undefined) return formatBytes(bytes);
    const change = bytes - before;
    const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
    return `${formatBytes(bytes)} (${sign}${formatBytes(Math.abs(change))})`;
}

/** `4.2 s`, `3 min 20 s`. */
export function formatTime(ms: number): string {
    const seconds = ms / 1000;
    return seconds < 60
        ? `${seconds.toFixed(1)} s`
        : `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`;
}

/** `sha256:` and twelve digits. */
export function shortDigest(digest: string): string {
    return digest.slice(0, "sha256:".length + 12);
}

/** The text on one line, without control characters, cut to a maximum number of characters. */
export function oneLine(text: string, charactersMax: number): string {
    const line = text.replace(/\s+/g, " ").replace(/\p{C}/gu, "\u{fffd}").trim();
    return line.length > charactersMax ? `${line.slice(0, charactersMax - 1)}…` : line;
}
