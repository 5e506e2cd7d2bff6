import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./lab";

/** The golden file with the expressions that the detector found safe. */
export const expressionsFile = "regularExpressions.txt";

/** The regular expressions of `src`. */
export interface RegularExpressions {
    /** Each as written, sorted: `/a+/g`. */
    readonly literals: readonly string[];
    /** The files that make expressions from texts. */
    readonly makers: readonly string[];
}

export function regularExpressions(): RegularExpressions {
    const literals = new Set<string>();
    const makers = new Set<string>();
    for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
        if (!file.endsWith(".ts")) continue;
        const text = readFileSync(join(root, "src", file), "utf8");
        const visit = (node: ts.Node): void => {
            if (ts.isRegularExpressionLiteral(node)) literals.add(node.text);
            const makes = ts.isNewExpression(node) || ts.isCallExpression(node);
            if (makes && node.expression.getText() === "RegExp") makers.add(file);
            ts.forEachChild(node, visit);
        };
        visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
    }
    return { literals: [...literals].sort(), makers: [...makers].sort() };
}

/** Longest time for a text of the detector, in milliseconds of the processor. */
const limitMs = 500;

/**
 * Why an expression takes more than linear time; undefined when the detector finds no text that it is
 * slow for. The detector also tries random texts and counts steps, so its texts are timed here.
 */
export function slowness(literal: string): string | undefined {
    const end = literal.lastIndexOf("/");
    const [source, flags] = [literal.slice(1, end), literal.slice(end + 1)];
    // The part of the detector that needs no other program.
    const { checkSync }: typeof import("recheck") =
        createRequire(__filename)("recheck/lib/browser.js");
    const found = checkSync(source, flags, { timeout: 60_000 });
    if (found.status === "safe") return undefined;
    if (found.status === "unknown") return `${literal}: ${found.error.kind}`;
    const { attack, complexity } = found;
    const started = process.cpuUsage();
    attack.string.replace(new RegExp(source, flags), "");
    const tookMs = process.cpuUsage(started).user / 1000;
    return tookMs < limitMs
        ? undefined
        : `${literal}: ${complexity.summary}, ${tookMs} ms for ${attack.pattern}`;
}
