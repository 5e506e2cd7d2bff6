/** A path from the root without dots and double slashes, `..` held at the root. */
export function cleanPath(path: string): string {
    const parts: string[] = [];
    for (const part of path.split("/")) {
        if (part === "..") parts.pop();
        else if (part !== "" && part !== ".") parts.push(part);
    }
    return parts.join("/");
}

/** Whether a path holds `*`, `?` or `[` that is not escaped. */
export function hasWildcards(path: string): boolean {
    return /^(?:[^\\*?[]|\\.)*[*?[]/s.test(path);
}
