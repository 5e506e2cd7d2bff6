import { functions } from "./functions/index";
import { resources } from "./resources/index";
import { packageSchema } from "./schema";

/** What the package's manifest says about a release. */
interface Published {
    readonly version: string;
    /** Absent before the first release. */
    readonly repository?: { readonly url: string };
}

/** The text of `src/provider/schema.json` for a manifest of the package. */
export function schemaText({ version, repository }: Published): string {
    const pluginDownloadUrl = repository && downloadUrl(repository.url);
    const schema = packageSchema({ version, pluginDownloadUrl, resources, functions });
    return `${JSON.stringify(schema, null, 4)}\n`;
}

/** Where Pulumi finds the plugin's archives: in the releases of a repository on GitHub. */
function downloadUrl(repository: string): string | undefined {
    const name = /github\.com\/([^/]+\/[^/]+?)(?:\.git)?$/.exec(repository)?.[1];
    return name && `github://api.github.com/${name}`;
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
