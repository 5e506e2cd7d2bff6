/** The rest of a pattern after a matched folder; `end` when nothing is left. */
type Rest = string | typeof end;
const end = Symbol("end of the pattern");

/** An unreadable pattern. Harbor stores any pattern and fails when it uses one. */
class BadPattern extends Error {}

/**
 * Whether a pattern matches a name in doublestar 1.3.4, which Harbor 2.15 uses for rules of
 * retention and immutability (src/lib/selector/selectors/doublestar).
 *
 * As a whole part of the pattern, `**` matches any number of folders, also none. In other places,
 * also in braces, it is a single star. `^` negates, `!` does not.
 *
 * @returns undefined for an unreadable pattern, if matching reaches the unreadable part.
 */
export function globMatches(pattern: string, name: string): boolean | undefined {
    if (pattern === "") {
        return true;
    }
    try {
        return matchParts(pattern, name.split("/"));
    } catch (error) {
        if (error instanceof BadPattern) {
            return undefined;
        }
        throw error;
    }
}

function matchParts(pattern: string, parts: readonly string[]): boolean {
    const [first, ...others] = parts;
    if (first === undefined) {
        return false;
    }
    if (pattern === "**") {
        return true;
    }
    if (pattern.startsWith("**/")) {
        const rest = pattern.slice("**/".length);
        return parts.some((_, index) => matchParts(rest, parts.slice(index)));
    }
    return restsAfter(pattern, first).some((rest) =>
        rest === end ? others.length === 0 : matchParts(rest, others),
    );
}

/** Every way in which the beginning of a pattern matches one whole part of a name. */
function restsAfter(pattern: string, part: string): readonly Rest[] {
    const letter = pattern[0];
    if (letter === undefined) {
        return part === "" ? [end] : [];
    }
    const behind = pattern.slice(1);
    switch (letter) {
        case "/":
            return part === "" ? [behind] : [];
        case "*":
            return starRests(behind, part);
        case "{":
            return withoutEnds(alternatives(behind).flatMap((one) => restsAfter(one, part)));
        case "[": {
            const { takes, rest } = readClass(behind);
            return part !== "" && takes(part.slice(0, 1)) ? restsAfter(rest, part.slice(1)) : [];
        }
        case "?":
            return part === "" ? [] : restsAfter(behind, part.slice(1));
        case "\\": {
            const escaped = behind[0];
            if (escaped === undefined) {
                throw new BadPattern();
            }
            return part[0] === escaped ? restsAfter(behind.slice(1), part.slice(1)) : [];
        }
        default:
            return part[0] === letter ? restsAfter(behind, part.slice(1)) : [];
    }
}

// A quirk of doublestar: alternatives with a slash hide those without.
function withoutEnds(rests: readonly Rest[]): readonly Rest[] {
    const more = rests.filter((rest) => rest !== end);
    return more.length > 0 ? more : rests;
}

function starRests(behind: string, part: string): readonly Rest[] {
    for (let from = 0; from <= part.length; from++) {
        const rests = restsAfter(behind, part.slice(from));
        if (rests.length > 0) {
            return rests;
        }
    }
    return [];
}

/** The alternatives in braces, each with what follows the braces. */
function alternatives(inside: string): readonly string[] {
    const options: string[] = [];
    let depth = 1;
    let from = 0;
    for (let at = 0; at < inside.length; at++) {
        const letter = inside[at];
        if (letter === "\\") {
            at++;
        } else if (letter === "{") {
            depth++;
        } else if (letter === "," && depth === 1) {
            options.push(inside.slice(from, at));
            from = at + 1;
        } else if (letter === "}" && --depth === 0) {
            options.push(inside.slice(from, at));
            return options.map((option) => option + inside.slice(at + 1));
        }
    }
    throw new BadPattern();
}

/** The letters in brackets: `[a-z]`, `[^a-z]`. */
function readClass(inside: string): { takes: (letter: string) => boolean; rest: string } {
    const letters = /^((?:\\.|[^\]\\])+)\]/s.exec(inside)?.[1];
    if (letters === undefined) {
        throw new BadPattern();
    }
    const negated = letters.startsWith("^");
    const ranges: [string, string][] = [];
    let open = negated ? letters.slice(1) : letters;
    while (open !== "") {
        const [all = "", low = "", high] =
            /^(\\.|[^-\\])(?:-(\\.|[^-\\]))?(?!-$)/s.exec(open) ?? [];
        if (all === "") {
            throw new BadPattern();
        }
        ranges.push([unescaped(low), unescaped(high ?? low)]);
        open = open.slice(all.length);
    }
    return {
        takes: (letter) =>
            ranges.some(([low, high]) => low <= letter && letter <= high) !== negated,
        rest: inside.slice(letters.length + 1),
    };
}

const unescaped = (letter: string): string => letter.replace(/^\\/, "");
