import type { Properties, Values } from "./property";
import type { Context } from "./resource";
import type { Bag } from "./values";

/** One function of the provider: it asks Harbor and changes nothing. */
export interface HarborFunction<Inputs = Bag> {
    /** `harbor:index/<camel>:<camel>` */
    readonly token: string;
    readonly description: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    invoke(inputs: Inputs, context: Context): Promise<Bag>;
}

/** Declares a function; the type of its inputs follows from the table. */
export function harborFunction<const P extends Properties>(
    declaration: HarborFunction<Values<P>> & { readonly inputs: P },
): HarborFunction {
    // Holds: inputs reach `invoke` only through the check that `inputs` demand.
    return declaration as unknown as HarborFunction;
}
