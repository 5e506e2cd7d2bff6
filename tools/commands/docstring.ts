import ts from "typescript";

/** The docstring of a declaration. */
export interface Docstring {
    /** The text before the tags; empty for none. */
    readonly text: string;
    /** The text of `@default`; undefined without that tag. */
    readonly defaultText: string | undefined;
}

/** Reads the docstring of a declaration. */
export function readDocstring(node: ts.Node): Docstring {
    const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    const text = docs.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join("\n");
    const tag = docs
        .flatMap(({ tags }) => [...(tags ?? [])])
        .find(({ tagName }) => tagName.text === "default");
    return { text, defaultText: tag && ts.getTextOfJSDocComment(tag.comment) };
}
