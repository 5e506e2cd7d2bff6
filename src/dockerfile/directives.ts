import { Refusal } from "./failure";
import { trimSpaceStart } from "./words";

/** The parser directives at the head of a Dockerfile. */
export interface Directives {
    /** Character that escapes and that continues a line. @default "\\" */
    readonly escape: "\\" | "`";
    /** Image of the frontend that reads this file, as written; undefined for BuildKit's own. */
    readonly syntax?: string;
    /** Lines at the head of the file that may be directives, to whoever reads the file. */
    readonly headCount: number;
}

const names = new Set(["syntax", "escape", "check"]);
const blank = "[\\t\\n\\f\\r ]*";
const pattern = new RegExp(`^([a-zA-Z][a-zA-Z0-9]*)${blank}=${blank}([^\\n]+?)${blank}$`);

/** The name and the value of a directive, from what follows its comment sign. */
export function readDirective(text: string): [name: string, value: string] | undefined {
    const [, name = "", value = ""] = pattern.exec(trimSpaceStart(text)) ?? [];
    return names.has(name.toLowerCase()) ? [name.toLowerCase(), value] : undefined;
}

/**
 * Reads the parser directives as BuildKit does: they come before anything else, end at the first
 * line that is not one, and none may be given twice.
 *
 * @throws Refusal with a message for the line that repeats a directive or sets a wrong escape.
 */
export function readDirectives(lines: readonly string[]): Directives {
    const found = new Map<string, string>();
    for (const line of lines) {
        const [name, value] = directiveIn(trimSpaceStart(line), "#") ?? [];
        if (name === undefined || value === undefined) break;
        if (found.has(name)) throw new Refusal(`the parser directive "${name}" may be given once`);
        found.set(name, value);
    }
    // Behind the name of an interpreter, "syntax" and "check" still count.
    const body = lines[0]?.startsWith("#!") ? lines.slice(1) : lines;
    const others = body.findIndex((line) => directiveIn(line, "#") === undefined);
    const afterShebang = others < 0 ? lines.length : others + 1;
    return {
        escape: escapeCharacter(found.get("escape")),
        syntax: findSyntax(body),
        headCount: body === lines ? found.size : afterShebang,
    };
}

function directiveIn(line: string, marker: string): ReturnType<typeof readDirective> {
    return line.startsWith(marker) ? readDirective(line.slice(marker.length)) : undefined;
}

function escapeCharacter(value: string | undefined): Directives["escape"] {
    if (value === undefined || value === "\\") return "\\";
    if (value === "`") return "`";
    throw new Refusal(`escape=${value}: the escape character is \\ or \``);
}

/** BuildKit finds a frontend in `# syntax=`, in `// syntax=` and in a JSON document. */
function findSyntax(lines: readonly string[]): string | undefined {
    for (const marker of ["#", "//"]) {
        const seen = new Set<string>();
        for (const line of lines) {
            const [name, value] = directiveIn(line, marker) ?? [];
            if (name === undefined || seen.has(name)) break;
            if (name === "syntax") return value?.split(" ")[0];
            seen.add(name);
        }
    }
    return jsonSyntax(lines);
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
