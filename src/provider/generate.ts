import { functions } from "./functions/index";
import { resources } from "./resources/index";
import { packageSchema } from "./schema";

/** The text of `src/provider/schema.json` for a version of the package. */
export function schemaText(version: string): string {
    return `${JSON.stringify(packageSchema({ version, resources, functions }), null, 4)}\n`;
}

/**
 * Completes the SDK's package.json. Pulumi publishes `bin/` as the package, so its generator names no
 * entry point. Here `sdks/harbor` is the package, and `bin/` is a folder of the package.
 */
export function sdkPackageText(generated: string): string {
    const { name, version, ...rest }: Record<string, unknown> = JSON.parse(generated);
    const complete = {
        name,
        version,
        main: "bin/index.js",
        types: "bin/index.d.ts",
        files: ["bin"],
        ...rest,
    };
    return `${JSON.stringify(complete, null, 4)}\n`;
}
