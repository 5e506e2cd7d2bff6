/** Folder of the files that components generate, as a line of a .gitignore. */
const line = ".harbor-build/";

/** The text of a .gitignore that ignores the generated files; the same text when it already does. */
export function withIgnoredFolder(text: string): string {
    const hasLine = text.split(/\r?\n/).some((one) => /^\/?\.harbor-build\/?$/.test(one.trim()));
    if (hasLine) return text;
    const newline = text.includes("\r\n") ? "\r\n" : "\n";
    const start = text === "" || text.endsWith("\n") ? text : `${text}${newline}`;
    return `${start}${line}${newline}`;
}
