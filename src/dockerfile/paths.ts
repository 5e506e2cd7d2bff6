/** A path from the root without dots and double slashes; `..` does not leave the root. */
export function cleanPath(path: string): string {
    const parts: string[] = [];
    for (const part of path.split("/")) {
        if (part === "..") parts.pop();
        else if (part !== "" && part !== ".") parts.push(part);
    }
    return parts.join("/");
}

/** Whether a path contains an unescaped `*`, `?` or `[`. */
export function hasWildcards(path: string): boolean {
    return /^(?:[^\\*?[]|\\.)*[*?[]/s.test(path);
}
