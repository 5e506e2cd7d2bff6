import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../arguments/userError";
import { CachedImage } from "../image/cachedImage";
import { ImageProject } from "../project/imageProject";
import type { SchemaFile } from "./schemaFile";

type Construct = (
    name: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/** The components by type token. Their constructors check the types of their arguments. */
const components: Readonly<Record<string, Construct>> = {
    "harbor-build:index:CachedImage": (name, inputs, options) =>
        // The constructor reports what does not have this shape.
        new CachedImage(name, inputs as ConstructorParameters<typeof CachedImage>[1], options),
    "harbor-build:index:ImageProject": (name, inputs, options) =>
        new ImageProject(name, inputs as ConstructorParameters<typeof ImageProject>[1], options),
};

/** Serves the components to programs in other languages. */
export class ComponentProvider implements pulumi.provider.Provider {
    readonly version: string;
    readonly schema: string;
    private readonly properties: SchemaFile["resources"];

    constructor(folder: string) {
        this.schema = readFileSync(join(folder, "schema.json"), "utf8");
        // Written by `npm run generate` in this shape.
        const schema = JSON.parse(this.schema) as SchemaFile;
        this.version = schema.version;
        this.properties = schema.resources;
    }

    async construct(
        name: string,
        type: string,
        inputs: pulumi.Inputs,
        options: pulumi.ComponentResourceOptions,
    ): Promise<pulumi.provider.ConstructResult> {
        const construct = components[type];
        const outputs = this.properties[type]?.properties;
        if (construct === undefined || outputs === undefined) {
            throw new UserError(`resource "${name}"`, [
                {
                    path: "type",
                    message: `no component "${type}"; there are ${Object.keys(components).join(", ")}`,
                },
            ]);
        }
        const component = construct(name, inputs, options);
        const state = Object.keys(outputs).map((key) => [key, Reflect.get(component, key)]);
        return { urn: component.urn, state: Object.fromEntries(state) };
    }
}
