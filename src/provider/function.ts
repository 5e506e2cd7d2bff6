import type { Properties, Values } from "./property";
import type { Context } from "./resource";
import type { Bag } from "./values";

/** One function of the provider: it asks Harbor and changes nothing. */
export interface HarborFunction<P extends Properties = Properties> {
    /** `harbor:index/<camel>:<camel>` */
    readonly token: string;
    readonly description: string;
    readonly inputs: P;
    readonly outputs: Properties;
    invoke(inputs: Values<P>, context: Context): Promise<Bag>;
}

/** Declares a function; the type of its inputs follows from the table. */
export function harborFunction<const P extends Properties>(
    declaration: HarborFunction<P>,
): HarborFunction {
    // Holds: inputs reach `invoke` only through the check that `inputs` demand.
    return declaration as unknown as HarborFunction;
}
