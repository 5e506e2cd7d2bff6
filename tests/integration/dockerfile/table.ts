/** The tables of a subrequest's text, by the title of their first column: their rows' cells. */
export function readTables(text: string): ReadonlyMap<string, readonly (readonly string[])[]> {
    const tables = new Map<string, string[][]>();
    let current: { readonly columns: readonly number[]; readonly rows: string[][] } | undefined;
    for (const line of text.split("\n")) {
        if (line === "") {
            // A row of empty cells is made of blanks.
            current = undefined;
        } else if (/^(?:TARGET|BUILD ARG|SECRET|SSH) +[A-Z]/.test(line)) {
            const columns = [...line.matchAll(/\S+(?: \S+)*/g)].map(({ index }) => index);
            current = { columns, rows: [] };
            tables.set(line.slice(0, columns[1]).trim(), current.rows);
        } else {
            const { columns = [], rows = [] } = current ?? {};
            rows.push(columns.map((start, at) => line.slice(start, columns[at + 1]).trim()));
        }
    }
    return tables;
}
