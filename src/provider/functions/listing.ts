import { type HarborFunction, harborFunction } from "../function";
import type { ObjectType, Properties, Values } from "../property";
import type { Context } from "../resource";
import type { Bag } from "../values";

/** A function that lists what Harbor has, filtered by its inputs. */
interface Listing<P extends Properties> {
    readonly token: string;
    readonly description: string;
    /** Inputs, each of which is also an output. */
    readonly filters: P;
    /** Id that the bridged provider gives every result. */
    readonly id: string;
    /** Name of the output with the list. */
    readonly output: string;
    readonly outputDescription: string;
    readonly item: ObjectType;
    list(filters: Values<P>, context: Context): Promise<readonly Bag[]>;
}

/** Declares a function that lists. */
export function listing<const P extends Properties>(declaration: Listing<P>): HarborFunction {
    const { token, description, filters, id, output, outputDescription, item } = declaration;
    return harborFunction({
        token,
        description,
        inputs: {
            ...filters,
            id: { type: "string", description: "Ignored; the id is an output." },
        },
        outputs: {
            ...filters,
            id: { type: "string", required: true, description: `Always \`${id}\`.` },
            [output]: { type: { list: item }, required: true, description: outputDescription },
        },
        async invoke(inputs: Values<P>, context) {
            return { ...inputs, id, [output]: await declaration.list(inputs, context) };
        },
    });
}
