/** The parts of Pulumi's package schema that describe components (https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/). */
export interface SchemaFile {
    readonly name: string;
    readonly version: string;
    readonly types: Readonly<Record<string, TypeDefinition>>;
    readonly resources: Readonly<Record<string, ResourceDefinition>>;
}

/** An object or an enumeration. */
export interface TypeDefinition {
    readonly type: "object" | "string";
    readonly description?: string;
    readonly properties?: Readonly<Record<string, PropertyType>>;
    readonly required?: readonly string[];
    readonly enum?: readonly {
        readonly name: string;
        readonly value: string;
        readonly description?: string;
    }[];
}

/** A component. */
export interface ResourceDefinition {
    readonly isComponent: true;
    readonly description?: string;
    readonly properties: Readonly<Record<string, PropertyType>>;
    readonly required: readonly string[];
    readonly inputProperties: Readonly<Record<string, PropertyType>>;
    readonly requiredInputs: readonly string[];
}

/** The type of a property. */
export interface PropertyType {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: PropertyType;
    readonly additionalProperties?: PropertyType;
    /** Whether the value must be known when the component is declared. */
    readonly plain?: true;
    readonly description?: string;
    readonly secret?: true;
}
