/** Parts of a URN (`urn:pulumi:stack::project::grandparent$parent$type::name`). */
export interface ParsedUrn {
    /** Type token of the resource. */
    readonly type: string;
    /** Type token of the parent; undefined when the stack is the parent. */
    readonly parentType: string | undefined;
    /** Logical name. */
    readonly name: string;
}

export function parseUrn(urn: string): ParsedUrn {
    const [, , types = "", ...name] = urn.split("::");
    const chain = types.split("$");
    return { type: chain.at(-1) ?? "", parentType: chain.at(-2), name: name.join("::") };
}
