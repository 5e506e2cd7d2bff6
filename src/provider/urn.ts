/** A resource's type token and logical name, out of its URN (`urn:pulumi:stack::project::parent$type::name`). */
export function parseUrn(urn: string): { readonly type: string; readonly name: string } {
    const [, , types = "", ...name] = urn.split("::");
    return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}
