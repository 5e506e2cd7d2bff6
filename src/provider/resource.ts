import type { HarborClient } from "../harbor/client";
import type { Failure } from "./failure";
import type { Properties, Values } from "./property";
import type { Bag } from "./values";

/** What a resource's operations work with. */
export interface Context {
    /** Made when it is first asked for. @throws UserError when the configuration does not suffice. */
    readonly client: HarborClient;
    /** Configured prefix of robot accounts' names, when given. */
    readonly robotPrefix: string | undefined;
    /** Type token of the parent of what is created; undefined when the stack is the parent. */
    readonly parentType: string | undefined;
    /** Tells the user something that is no error. */
    readonly warn: (message: string) => void;
}

/** What an operation leaves: its id and what Harbor says of it. */
export interface State {
    /** API path without `/api/v2.0`. */
    readonly id: string;
    /** Outputs by name. Inputs not mentioned keep the value given. */
    readonly outputs: Bag;
}

/** One resource of the provider. Everything but the calls to Harbor follows from `properties`. */
export interface Resource<Inputs = Bag> {
    /** `harbor:index/<camel>:<Pascal>` */
    readonly token: string;
    readonly description: string;
    /** What to use instead, when it should not be used any more; programs that do are told. */
    readonly deprecation?: string;
    /** Name of the input and output that repeats the id. */
    readonly idAlias: string;
    readonly properties: Properties;
    /** Inputs that together name the thing in Harbor: two cannot exist at once. */
    readonly identity: readonly string[];
    /** Forms of id that `import` takes, for messages. */
    readonly importForms: string;
    /** It asks nothing of Harbor, and works where Harbor's address is not even known. */
    readonly offline?: true;
    /** Outputs that every update makes anew, so that its preview takes them from `foretell`. */
    readonly renews?: readonly string[];
    /** Makes a logical name into one that Harbor takes. */
    readonly autoName?: (logicalName: string) => string;
    /** Judges properties together. Unknown ones are absent, and named in `unknown`. */
    readonly check?: (inputs: Partial<Inputs>, unknown: ReadonlySet<string>) => readonly Failure[];
    /** Properties that demand a new resource when they go from `olds` to `news`, beside those that always do. */
    readonly replaces?: (olds: Bag, news: Bag) => readonly string[];
    /** Outputs of a create, and those that an update `renews`, that are known before it. Unknown inputs are absent. */
    readonly foretell?: (inputs: Partial<Inputs>, robotPrefix: string | undefined) => Bag;
    /** Asks Harbor, in a preview, whether it would refuse this; throws as `create` then would. */
    readonly rehearse?: (inputs: Inputs, context: Context) => Promise<void>;
    create(inputs: Inputs, context: Context): Promise<State>;
    /** Reads by id, or by one of `importForms`; undefined when it is not there. */
    read(id: string, prior: Bag, context: Context): Promise<State | undefined>;
    /** Changes to `inputs`. `olds` are the last known outputs. */
    update(id: string, inputs: Inputs, olds: Bag, context: Context): Promise<State>;
    /** Deletes; that it is gone already is a success. */
    delete(id: string, olds: Bag, context: Context): Promise<void>;
}

/** Declares a resource; the types of its operations' inputs follow from its properties. */
export function resource<const P extends Properties>(
    declaration: Resource<Values<P>> & {
        readonly properties: P;
        readonly identity: readonly (keyof P & string)[];
    },
): Resource {
    // Holds: inputs reach the operations only through the check that `properties` demand.
    return declaration as unknown as Resource;
}
