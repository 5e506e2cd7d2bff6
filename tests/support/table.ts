/** A table in Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ").replaceAll("\n", " ")} |`;
    return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
