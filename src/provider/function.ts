import type { Properties, Values } from "./property";
import type { Context } from "./resource";
import type { Bag } from "./values";

/** One function of the provider, which reads from Harbor and changes nothing. */
export interface HarborFunction<Inputs = Bag> {
    /** `harbor:index/<camel>:<camel>` */
    readonly token: string;
    readonly description: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    invoke(inputs: Inputs, context: Context): Promise<Bag>;
}

/** Declares a function; the table determines the type of the inputs. */
export function harborFunction<const P extends Properties>(
    declaration: HarborFunction<Values<P>> & { readonly inputs: P },
): HarborFunction {
    // Inputs reach `invoke` only through the check of `inputs`.
    return declaration as unknown as HarborFunction;
}
