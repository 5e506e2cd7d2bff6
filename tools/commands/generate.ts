import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { schemaText, sdkPackageText } from "../../src/provider/generate";
import { ensureTools } from "../toolchain/tools";
import { buildPackage } from "./build";
import { captureChild } from "./child";
import { Problem } from "./problem";
import type { Check } from "./test/check";

const root = resolve(__dirname, "..", "..");
const schemaFile = "src/provider/schema.json";
const componentSchemaFile = "src/languages/schema.json";
const sdkFolder = "sdks/harbor";

/** Generated texts by file, except the SDK. */
interface Generated {
    /** Name of the check that the clone has these texts. */
    readonly name: string;
    texts(): Promise<ReadonlyMap<string, string>>;
}

const generated: readonly Generated[] = [
    {
        name: "the tables of arguments match the arguments",
        // Loaded only here, since other commands do without the TypeScript compiler.
        texts: async () => (await import("./argumentDocs.js")).argumentDocs(),
    },
    {
        name: `${schemaFile} matches the provider`,
        texts: async () => new Map([[schemaFile, schemaText(await packageManifest())]]),
    },
    {
        name: `${componentSchemaFile} matches the components`,
        texts: async () => {
            const { componentSchemaText } = await import("./componentSchema.js");
            const { version } = await packageManifest();
            return new Map([[componentSchemaFile, componentSchemaText(version)]]);
        },
    },
];

/**
 * `npm run generate` writes the tables of the components' arguments, the schemas and, with
 * Pulumi's own generator, the provider's SDK.
 */
export async function generate(): Promise<number> {
    for (const { texts } of generated) {
        for (const [file, text] of await texts()) {
            await writeFile(join(root, file), text);
        }
    }
    await rm(join(root, sdkFolder), { recursive: true, force: true });
    await generateSdk(join(root, sdkFolder));
    // The package contains the compiled SDK.
    await buildPackage();
    return 0;
}

/** Checks that the clone has what `npm run generate` writes. */
export function freshnessChecks(): readonly Check[] {
    return [
        ...generated.map(({ name, texts }) => ({ name, run: () => areFresh(texts) })),
        { name: `${sdkFolder} matches the schema`, run: isSdkFresh },
    ];
}

async function areFresh(texts: Generated["texts"]): Promise<boolean> {
    const old: string[] = [];
    for (const [file, text] of await texts()) {
        if ((await readFile(join(root, file), "utf8")) !== text) {
            old.push(file);
        }
    }
    return old.length === 0 || stale(old.join(", "));
}

async function isSdkFresh(): Promise<boolean> {
    const folder = await mkdtemp(join(tmpdir(), "hb-sdk-"));
    try {
        await generateSdk(folder);
        const [made, held] = [await readTree(folder), await readTree(join(root, sdkFolder))];
        const different = [...new Set([...made.keys(), ...held.keys()])].filter(
            (path) => made.get(path) !== held.get(path),
        );
        return different.length === 0 || stale(`${sdkFolder} (${different.sort().join(", ")})`);
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** The SDK's files by path, without compiled files and installed packages. */
async function readTree(folder: string): Promise<Map<string, string>> {
    const files = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const path = relative(folder, join(entry.parentPath, entry.name));
        if (entry.isFile() && !/^(bin|node_modules)\//.test(path)) {
            files.set(path, await readFile(join(folder, path), "utf8"));
        }
    }
    return files;
}

function stale(what: string): false {
    process.stdout.write(`${what} is out of date; run npm run generate\n`);
    return false;
}

async function generateSdk(folder: string): Promise<void> {
    const { sdkgen } = await ensureTools(["sdkgen"]);
    const made = await captureChild(sdkgen, [join(root, schemaFile), folder]);
    if (made.code !== 0) {
        throw new Problem(`generating the SDK from ${schemaFile} failed:\n${made.stderr}`);
    }
    const packageFile = join(folder, "package.json");
    await writeFile(packageFile, sdkPackageText(await readFile(packageFile, "utf8")));
}

async function packageManifest(): Promise<Parameters<typeof schemaText>[0]> {
    return JSON.parse(await readFile(join(root, "package.json"), "utf8"));
}
