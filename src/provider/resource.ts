import type { HarborClient } from "../harbor/client";
import type { RegistryOptions } from "../registry/registries";
import type { Failure } from "./failure";
import type { Properties, Values } from "./property";
import type { Bag } from "./values";

/** The context of a resource's operations. */
export interface Context {
    /** Created at the first use. @throws UserError when the configuration does not suffice. */
    readonly client: HarborClient;
    /** How to reach registries: Harbor's settings apply to Harbor's own registry. */
    readonly registryOptions: RegistryOptions;
    /** Configured prefix of robot account names, if given. */
    readonly robotPrefix: string | undefined;
    /** Type token of the new resource's parent; undefined when the stack is the parent. */
    readonly parentType: string | undefined;
    /** Whether a resource of the run's program manages the object with this id. */
    readonly isClaimed: (type: string, id: string) => boolean;
    /** Logs a warning about the resource. */
    readonly warn: (message: string) => Promise<void>;
}

/** Result of an operation: the id and Harbor's values. */
export interface State {
    /** API path without `/api/v2.0`. */
    readonly id: string;
    /** Outputs by name. Missing inputs keep the given value. */
    readonly outputs: Bag;
}

/** One resource of the provider. `properties` determine everything except the calls to Harbor. */
export interface Resource<Inputs = Bag> {
    /** `harbor:index/<camel>:<Pascal>` */
    readonly token: string;
    readonly description: string;
    /** What to use instead of a deprecated resource; programs that use it get a warning. */
    readonly deprecation?: string;
    /** Name of the input and output that repeats the id. */
    readonly idAlias: string;
    readonly properties: Properties;
    /** Inputs that together identify the resource in Harbor: two cannot exist at once. */
    readonly identity: readonly string[];
    /** Forms of id that `import` accepts, for messages. */
    readonly importForms: string;
    /** Whether the resource works without Harbor and its address. */
    readonly offline?: true;
    /** Outputs that every update sets again, so that its preview takes them from `predict`. */
    readonly renews?: readonly string[];
    /** Converts a logical name into one that Harbor accepts. */
    readonly autoName?: (logicalName: string) => string;
    /** Checks properties together. Unknown ones are absent, and listed in `unknown`. */
    readonly check?: (inputs: Partial<Inputs>, unknown: ReadonlySet<string>) => readonly Failure[];
    /** Further properties whose change from `olds` to `news` requires a replacement. */
    readonly replaces?: (olds: Bag, news: Bag) => readonly string[];
    /** Predicts outputs of a create, and outputs that an update `renews`. Unknown inputs are absent. */
    readonly predict?: (inputs: Partial<Inputs>, robotPrefix: string | undefined) => Bag;
    /** Asks Harbor in a preview whether it would refuse the creation, and throws as `create` would. */
    readonly rehearse?: (inputs: Inputs, context: Context) => Promise<void>;
    create(inputs: Inputs, context: Context): Promise<State>;
    /** Reads by id, or by one of `importForms`; undefined when missing. */
    read(id: string, prior: Bag, context: Context): Promise<State | undefined>;
    /** Changes to `inputs`. `olds` are the last known outputs. */
    update(id: string, inputs: Inputs, olds: Bag, context: Context): Promise<State>;
    /** Deletes; succeeds when the resource is already gone. */
    delete(id: string, olds: Bag, context: Context): Promise<void>;
}

/** Declares a resource; its properties determine the types of the operations' inputs. */
export function resource<const P extends Properties>(
    declaration: Resource<Values<P>> & {
        readonly properties: P;
        readonly identity: readonly (keyof P & string)[];
    },
): Resource {
    // Inputs reach the operations only through the check of `properties`.
    return declaration as unknown as Resource;
}
