import { trimEnd } from "../text/trimEnd";
import { InstructionError } from "./failure";
import { trimSpaceStart } from "./words";

/** The parser directives at the head of a Dockerfile. */
export interface Directives {
    /** The character that escapes other characters and continues lines. @default "\\" */
    readonly escape: "\\" | "`";
    /** Image of the frontend that reads this file, as written; undefined for BuildKit's own. */
    readonly syntax?: string;
    /** Number of lines at the head of the file that a frontend may read as directives. */
    readonly headCount: number;
}

const names = new Set(["syntax", "escape", "check"]);

/** The name and the value of a directive. @param text what follows the comment sign */
export function readDirective(text: string): [name: string, value: string] | undefined {
    const trimmed = trimSpaceStart(text);
    const [head, name = ""] = /^([a-zA-Z][a-zA-Z0-9]*)[\t\f\r ]*=/.exec(trimmed) ?? [];
    if (head === undefined || head === trimmed || !names.has(name.toLowerCase())) return undefined;
    const value = trimEnd(trimmed.slice(head.length), "\t\f\r ").replace(/^[\t\f\r ]+/, "");
    // BuildKit's expression requires a value, which may be a blank.
    return [name.toLowerCase(), value || trimmed.slice(-1)];
}

/**
 * A line with a directive `check` that also skips the rules of comments before single instructions.
 *
 * @param options the options of the comments
 */
export function skipping<T extends { readonly text: string }>(
    line: T,
    options: readonly string[],
): T {
    const [start] = /^\s*#\s*check\s*=\s*/i.exec(line.text) ?? [];
    const skipped = options.flatMap(rulesSkippedBy);
    if (start === undefined || skipped.length === 0) return line;
    const value = line.text.slice(start.length);
    const [own = ""] = /^\S*/.exec(value) ?? [];
    const rest = value.slice(own.length);
    const rules = [...new Set([...rulesSkippedBy(own), ...skipped])];
    const skip = `skip=${rules.includes("all") ? "all" : rules.join(",")}`;
    const others = own.split(";").filter((option) => !isSkip(option));
    return { ...line, text: `${start}${[skip, ...others].join(";")}${rest}` };
}

/** BuildKit reads the options up to the first space (linter.go, WithMergedConfigFromComments). */
function rulesSkippedBy(options: string): readonly string[] {
    const [read = ""] = options.split(" ");
    const skip = read.split(";").find(isSkip);
    return skip === undefined ? [] : skip.slice(skip.indexOf("=") + 1).split(",");
}

function isSkip(option: string): boolean {
    return option.startsWith("skip=");
}

/**
 * Reads the parser directives as BuildKit does: they come before anything else and end at the first
 * line that is not a directive. Each may appear once.
 *
 * @throws InstructionError for a directive that is repeated or an escape character that is not allowed.
 */
export function readDirectives(lines: readonly string[]): Directives {
    const found = new Map<string, string>();
    for (const line of lines) {
        const [name, value] = directiveIn(trimSpaceStart(line), "#") ?? [];
        if (name === undefined || value === undefined) break;
        if (found.has(name))
            throw new InstructionError(`the parser directive "${name}" may appear only once`);
        found.set(name, value);
    }
    // After a line with an interpreter ("#!"), "syntax" and "check" still take effect.
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
    throw new InstructionError(`escape=${value}: expected \\ or \``);
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

/** The newest minor version of docker/dockerfile that this package knows: that of BuildKit 0.31. */
export const minorMax = 25;

/**
 * Whether a frontend image is a version of BuildKit's own Dockerfile frontend that this package
 * knows, from Docker Hub or from a mirror. A tag that moves, such as `1`, counts as known.
 */
export function isKnownFrontend(syntax: string): boolean {
    const tag = ownTag(syntax);
    if (tag === undefined) return false;
    if (/^(?:latest|labs|experimental|1(?:-[\w.]+)?)$/.test(tag)) return true;
    const [, minor] = /^1\.(\d+)(?:\.\d+)?(?:-[\w.]+)?$/.exec(tag) ?? [];
    return minor !== undefined && Number(minor) <= minorMax && !isOld(tag);
}

/**
 * Whether a frontend image is a newer version of BuildKit's own, which reads everything that this
 * package understands in the same way. Version 2 may break with that.
 */
export function isNewerFrontend(syntax: string): boolean {
    const tag = ownTag(syntax);
    if (tag === undefined || isKnownFrontend(syntax) || isOld(tag)) return false;
    return !/^(?!1\b)\d+(?:[.-]|$)/.test(tag);
}

/**
 * Whether a version is 1.0 or 1.1. They ignore named contexts without a message, and 1.0 does not read
 * the ignore file next to the Dockerfile.
 */
function isOld(tag: string): boolean {
    return /^1\.[01](?![0-9])/.test(tag);
}

/** The tag of an image of BuildKit's own frontend; undefined for another image. */
function ownTag(syntax: string): string | undefined {
    const [image = ""] = syntax.split("@", 1);
    const name = /(?:^|\/)docker\/dockerfile(?:-upstream)?(?::([^/:]*))?$/.exec(image);
    return name === null ? undefined : (name[1] ?? "latest");
}
