import type { Selector } from "./core/model";

const escaped = /[.+^$()|\\]/;

/** A doublestar pattern (`*`, `**`, `?`, `[a-z]`, `{a,b}`) as a regular expression. */
export function globRegExp(pattern: string): RegExp {
    let source = "";
    let depth = 0;
    for (let at = 0; at < pattern.length; at += 1) {
        const letter = pattern[at] ?? "";
        if (letter === "*") {
            const double = pattern[at + 1] === "*";
            source += double ? ".*" : "[^/]*";
            at += double ? 1 : 0;
        } else if (letter === "?") {
            source += "[^/]";
        } else if (letter === "{") {
            depth += 1;
            source += "(?:";
        } else if (letter === "}" && depth > 0) {
            depth -= 1;
            source += ")";
        } else if (letter === "," && depth > 0) {
            source += "|";
        } else {
            source += escaped.test(letter) ? `\\${letter}` : letter;
        }
    }
    return new RegExp(`^${source}${")".repeat(depth)}$`);
}

function globMatches(pattern: string, text: string): boolean {
    try {
        return globRegExp(pattern).test(text);
    } catch {
        return false; // a pattern that can't be read matches nothing
    }
}

/** Whether a selector takes this name; `excludes` and `repoExcludes` turn it round. */
export function selects(selector: Selector, name: string): boolean {
    const matches = globMatches(selector.pattern ?? "", name);
    const turned = selector.decoration === "excludes" || selector.decoration === "repoExcludes";
    return turned ? !matches : matches;
}

/** Whether a rule's repository selectors take this repository (its name without the project). */
export function selectsRepository(
    scope: Readonly<Record<string, readonly Selector[]>>,
    repository: string,
): boolean {
    return (scope["repository"] ?? []).every((selector) => selects(selector, repository));
}
