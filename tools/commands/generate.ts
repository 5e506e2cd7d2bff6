import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { schemaText, sdkPackageText } from "../../src/provider/generate";
import { ensureTools } from "../toolchain/tools";
import { captureChild } from "./child";
import { Problem } from "./problem";
import type { Check } from "./test/check";

const root = resolve(__dirname, "..", "..");
const schemaFile = "src/provider/schema.json";
const componentSchemaFile = "src/languages/schema.json";
const sdkFolder = "sdks/harbor";

/**
 * `npm run generate` writes the tables of the components' arguments, the schemas and, with
 * Pulumi's own generator, the provider's SDK.
 */
export async function generate(): Promise<number> {
    for (const [file, text] of await argumentDocs()) {
        await writeFile(join(root, file), text);
    }
    await writeFile(join(root, componentSchemaFile), await componentSchema());
    await writeFile(join(root, schemaFile), schemaText(await packageManifest()));
    await rm(join(root, sdkFolder), { recursive: true, force: true });
    await generateSdk(join(root, sdkFolder));
    return 0;
}

/** Checks that the clone has what `npm run generate` writes. */
export function freshnessChecks(): readonly Check[] {
    return [
        { name: "the tables of arguments match the arguments", run: areTablesFresh },
        { name: `${schemaFile} matches the provider`, run: isSchemaFresh },
        { name: `${componentSchemaFile} matches the components`, run: isComponentSchemaFresh },
        { name: `${sdkFolder} matches the schema`, run: isSdkFresh },
    ];
}

/** The tables of arguments by file. Loaded only here, since other commands do without the compiler. */
async function argumentDocs(): Promise<ReadonlyMap<string, string>> {
    const docs = await import("./argumentDocs.js");
    return docs.argumentDocs();
}

async function areTablesFresh(): Promise<boolean> {
    const old: string[] = [];
    for (const [file, text] of await argumentDocs()) {
        if ((await readFile(join(root, file), "utf8")) !== text) {
            old.push(file);
        }
    }
    return old.length === 0 || stale(old.join(", "));
}

async function isSchemaFresh(): Promise<boolean> {
    const held = await readFile(join(root, schemaFile), "utf8");
    const fresh = held === schemaText(await packageManifest());
    return fresh || stale(schemaFile);
}

/** Loads the TypeScript compiler only when it is needed. */
async function componentSchema(): Promise<string> {
    const { componentSchemaText } = await import("./componentSchema.js");
    return componentSchemaText((await packageManifest()).version);
}

async function isComponentSchemaFresh(): Promise<boolean> {
    const held = await readFile(join(root, componentSchemaFile), "utf8");
    const fresh = held === (await componentSchema());
    return fresh || stale(componentSchemaFile);
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
