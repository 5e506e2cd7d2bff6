import { Refusal } from "./failure";

/** The parser directives at the head of a Dockerfile. */
export interface Directives {
    /** Character that escapes and that continues a line. @default "\\" */
    readonly escape: "\\" | "`";
    /** Image of the frontend that reads this file, as written; undefined for BuildKit's own. */
    readonly syntax?: string;
    /** Value of `# check=`, which configures lint warnings only. */
    readonly check?: string;
    /** Lines they take at the head of the file. */
    readonly lineCount: number;
}

const directiveNames = new Set(["syntax", "escape", "check"]);
const directivePattern = /^\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;

/**
 * Reads the parser directives as BuildKit does: they come before anything else, end at the first
 * line that is not one, and none may be given twice.
 *
 * @throws Refusal with a message for the line that repeats a directive or sets a wrong escape.
 */
export function readDirectives(lines: readonly string[]): Directives {
    const found = new Map<string, string>();
    for (const line of lines) {
        const match = directivePattern.exec(commentText(line) ?? "");
        const key = match?.[1]?.toLowerCase();
        if (match === null || key === undefined || !directiveNames.has(key)) break;
        if (found.has(key)) throw new Refusal(`the parser directive "${key}" may be given once`);
        found.set(key, match[2] ?? "");
    }
    return {
        escape: escapeCharacter(found.get("escape")),
        syntax: found.get("syntax")?.split(" ")[0] ?? foreignSyntax(lines),
        check: found.get("check"),
        lineCount: found.size,
    };
}

function commentText(line: string): string | undefined {
    const trimmed = line.trimStart();
    return trimmed.startsWith("#") ? trimmed.slice(1) : undefined;
}

function escapeCharacter(value: string | undefined): Directives["escape"] {
    if (value === undefined || value === "\\") return "\\";
    if (value === "`") return "`";
    throw new Refusal(`escape=${value}: the escape character is \\ or \``);
}

/** BuildKit also finds a frontend after a shebang, in `// syntax=` and in a JSON document. */
function foreignSyntax(lines: readonly string[]): string | undefined {
    const body = lines[0]?.startsWith("#!") ? lines.slice(1) : lines;
    for (const marker of ["#", "//"]) {
        const seen = new Set<string>();
        for (const line of body) {
            const match = line.startsWith(marker)
                ? directivePattern.exec(line.slice(marker.length))
                : null;
            const key = match?.[1]?.toLowerCase();
            if (key === undefined || !directiveNames.has(key) || seen.has(key)) break;
            if (key === "syntax") return match?.[2]?.split(" ")[0];
            seen.add(key);
        }
    }
    return jsonSyntax(body);
}

function jsonSyntax(lines: readonly string[]): string | undefined {
    if (
        !lines
            .find((line) => line.trim() !== "")
            ?.trimStart()
            .startsWith("{")
    )
        return undefined;
    try {
        const document: unknown = JSON.parse(lines.join("\n"));
        if (typeof document !== "object" || document === null) return undefined;
        const syntax: unknown = Reflect.get(document, "syntax");
        return typeof syntax === "string" ? syntax : undefined;
    } catch {
        return undefined;
    }
}

/**
 * Whether a frontend image is BuildKit's own Dockerfile frontend, from Docker Hub or from a mirror
 * of it, so that what this package knows of the language holds.
 */
export function isDockerfileFrontend(syntax: string): boolean {
    const name = syntax.split("@")[0]?.replace(/:[^/:]*$/, "") ?? "";
    return /(^|\/)docker\/dockerfile(-upstream)?$/.test(name);
}
