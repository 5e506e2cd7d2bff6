import { configuration } from "./configuration";
import type { HarborFunction } from "./function";
import {
    alwaysPresent,
    isList,
    isObject,
    type ObjectType,
    type Properties,
    type Property,
    type PropertyType,
} from "./property";
import type { Resource } from "./resource";

/** Inputs of a schema. */
export interface SchemaParts {
    readonly version: string;
    /** Where Pulumi downloads the plugin when no project file names its folder. */
    readonly pluginDownloadUrl?: string | undefined;
    readonly resources: readonly Resource[];
    readonly functions: readonly HarborFunction[];
}

type Json = Record<string, unknown>;

/** The package schema, in Pulumi's own form (pulumi.com, "Pulumi Package Schema"). */
export function packageSchema(parts: SchemaParts): Json {
    return {
        name: "harbor",
        displayName: "Harbor",
        version: parts.version,
        ...(parts.pluginDownloadUrl === undefined
            ? {}
            : { pluginDownloadURL: parts.pluginDownloadUrl }),
        description:
            "Harbor's projects, robot accounts, policies and registries as Pulumi resources.",
        keywords: ["pulumi", "harbor", "registry", "category/infrastructure", "kind/native"],
        homepage: "https://goharbor.io",
        license: "Apache-2.0",
        // Tokens have the form harbor:index/project:Project, as in the bridge.
        meta: { moduleFormat: "(.*)(?:/[^/]*)" },
        language: {
            nodejs: {
                packageName: "@pulumi/harbor",
                packageDescription: "Pulumi's SDK for the native provider of Harbor.",
                respectSchemaVersion: true,
                // A peer, so that programs have one copy of Pulumi's SDK.
                peerDependencies: { "@pulumi/pulumi": "^3.142.0" },
                devDependencies: { "@types/node": "^24.0.0", typescript: "^5.0.0" },
            },
        },
        config: { variables: propertySpecs(configuration) },
        provider: {
            description:
                "Connects to one Harbor. Log in with user name and password, a bearer token or a session.",
            inputProperties: propertySpecs(configuration),
        },
        types: Object.fromEntries(
            nestedTypes(parts).map((type) => [typeToken(type), typeSpec(type)]),
        ),
        resources: Object.fromEntries(
            parts.resources.map((item) => [item.token, resourceSpec(item)]),
        ),
        functions: Object.fromEntries(
            parts.functions.map((item) => [item.token, functionSpec(item)]),
        ),
    };
}

function resourceSpec(resource: Resource): Json {
    const alias: Property = { type: "string", description: "Same as the id." };
    const all: Properties = { ...resource.properties, [resource.idAlias]: alias };
    const inputs = pick(all, (property) => !property.outputOnly);
    const outputs = pick(all, () => true);
    const name = resource.token.split(":")[2];
    return {
        description: resource.description,
        ...(resource.deprecation ? { deprecationMessage: resource.deprecation } : {}),
        properties: propertySpecs(outputs),
        required: [...Object.keys(pick(all, alwaysPresent)), resource.idAlias].sort(),
        inputProperties: Object.fromEntries(
            Object.entries(inputs).map(([key, property]) => [key, inputSpec(property)]),
        ),
        requiredInputs: requiredOf(inputs),
        stateInputs: {
            description: `Input properties used for looking up and filtering ${name} resources.`,
            properties: propertySpecs(outputs),
            type: "object",
        },
    };
}

function inputSpec(property: Property): Json {
    return {
        ...propertySpec(property),
        ...(property.replace ? { willReplaceOnChanges: true } : {}),
    };
}

function functionSpec(item: HarborFunction): Json {
    return {
        description: item.description,
        inputs: {
            properties: propertySpecs(item.inputs),
            required: requiredOf(item.inputs),
            type: "object",
        },
        outputs: {
            properties: propertySpecs(item.outputs),
            required: requiredOf(item.outputs),
            type: "object",
        },
    };
}

function typeSpec(type: ObjectType): Json {
    return {
        description: type.description,
        properties: propertySpecs(type.properties),
        required: requiredOf(type.properties),
        type: "object",
    };
}

function nestedTypes(parts: SchemaParts): ObjectType[] {
    const found = new Map<string, ObjectType>();
    const visit = (type: PropertyType): void => {
        if (isList(type)) visit(type.list);
        if (!isObject(type)) return;
        found.set(type.name, type);
        for (const property of Object.values(type.properties)) visit(property.type);
    };
    const tables = [
        ...parts.resources.map((item) => item.properties),
        ...parts.functions.flatMap((item) => [item.inputs, item.outputs]),
    ];
    for (const table of tables) for (const property of Object.values(table)) visit(property.type);
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function propertySpecs(properties: Properties): Json {
    return Object.fromEntries(
        Object.entries(properties).map(([key, property]) => [key, propertySpec(property)]),
    );
}

function propertySpec(property: Property): Json {
    return {
        ...typeReference(property.type),
        description: property.description,
        ...(property.secret ? { secret: true } : {}),
    };
}

function typeReference(type: PropertyType): Json {
    if (isList(type)) return { type: "array", items: typeReference(type.list) };
    if (isObject(type)) return { $ref: `#/types/${typeToken(type)}` };
    if (type === "map") return { type: "object", additionalProperties: { type: "string" } };
    return { type };
}

function typeToken(type: ObjectType): string {
    return `harbor:index/${type.name}:${type.name}`;
}

function requiredOf(properties: Properties): string[] {
    return Object.keys(pick(properties, (property) => property.required === true)).sort();
}

function pick(properties: Properties, wanted: (property: Property) => boolean): Properties {
    return Object.fromEntries(
        Object.entries(properties).filter(([, property]) => wanted(property)),
    );
}
