import { inspectTools, type ToolReport } from "../toolchain/tools";

/** `npm run tools` lists the found tools with path and version, and how to get the missing ones. */
export async function listTools(): Promise<number> {
    const reports = await inspectTools();
    const rows = [
        ["tool", "version", "source", "path, or how to get it"],
        ...reports.map((report) => [report.name, report.version, report.source, place(report)]),
    ];
    const widths = [0, 1, 2].map((column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    for (const row of rows) {
        const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
        console.log(cells.join("  ").trimEnd());
    }
    const missing = reports.filter(({ found, onlyFor }) => !found && onlyFor === undefined);
    console.log(
        missing.length === 0
            ? "\nnothing is missing"
            : `\nmissing: ${missing.map(({ name }) => name).join(", ")}`,
    );
    return missing.length === 0 ? 0 : 1;
}

function place({ found, path, remedy }: ToolReport): string {
    return found ? (path ?? "") : (remedy ?? "");
}
