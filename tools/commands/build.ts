import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { build as bundle } from "esbuild";
import manifest from "../../package.json";
import { captureChild } from "./child";
import { bomText, bundledLibraries, licencesText } from "./licences";
import { Problem } from "./problem";

const root = resolve(__dirname, "..", "..");
const stampFile = join(root, ".harbor-build", "built");
const products = [
    "dist/index.js",
    "dist/plugin/pulumi-resource-harbor",
    "dist/cli/harbor-build",
    "dist/languages/PulumiPlugin.yaml",
    "dist/harborSdk/index.js",
    "sdks/harbor/bin/index.js",
];
const inputs = [
    "src/**/*.{ts,json,yaml}",
    "sdks/harbor/**/*.{ts,json}",
    "package{,-lock}.json",
    "tsconfig*.json",
    "tools/commands/{build,licences}.ts",
];

/** `npm run build` compiles the SDK and the package, and bundles the plugin and the command into `dist/`. */
export async function build(): Promise<number> {
    await buildPackage();
    return 0;
}

/** Builds `dist/` and `sdks/harbor/bin/`, unless no input changed since the last build. */
export async function buildPackage(): Promise<void> {
    const digest = await inputsDigest();
    const built = await readFile(stampFile, "utf8").catch(() => "");
    if (built === digest && products.every((product) => existsSync(join(root, product)))) {
        return;
    }
    process.stderr.write("building the package and the Harbor provider plugin\n");
    await rm(join(root, "dist"), { recursive: true, force: true });
    // The package contains the SDK's sources in no form, so maps to them would lead nowhere.
    await compile("sdks/harbor/tsconfig.json", "--sourceMap", "false", "--declarationMap", "false");
    // The SDK reads its version from a package.json next to its code.
    await copyFile(
        join(root, "sdks/harbor/package.json"),
        join(root, "sdks/harbor/bin/package.json"),
    );
    await compile("tsconfig.build.json");
    await includeSdk();
    for (const file of ["PulumiPlugin.yaml", "schema.json"]) {
        await copyFile(join(root, "src/languages", file), join(root, "dist/languages", file));
    }
    // Pulumi runs `npm install` in a component's folder. Without this file, npm would install the
    // devDependencies of the whole package.
    await writeFile(join(root, "dist/languages/package.json"), '{ "private": true }\n');
    const bundled = [
        await bundleProgram("src/provider/main.ts", "dist/plugin/pulumi-resource-harbor", "node22"),
        // An old Node.js must be able to read the command, which then reports that it is too old.
        await bundleProgram("src/cli/main.ts", "dist/cli/harbor-build", "node16"),
    ];
    // On Windows, Pulumi starts only plugins with one of these endings: .exe, .cmd.
    await writeFile(
        join(root, "dist/plugin/pulumi-resource-harbor.cmd"),
        '@node "%~dp0pulumi-resource-harbor" %*\r\n',
    );
    const libraries = await bundledLibraries(root, bundled.flat());
    await writeFile(join(root, "dist/LICENCES.txt"), licencesText(libraries));
    await writeFile(join(root, "dist/bom.json"), bomText(manifest, libraries));
    await mkdir(dirname(stampFile), { recursive: true });
    await writeFile(stampFile, digest);
}

async function inputsDigest(): Promise<string> {
    const hash = createHash("sha256");
    const exclude = (path: string) => /(^|\/)(node_modules|bin)(\/|$)/.test(path);
    const files: string[] = [];
    for await (const path of glob(inputs, { cwd: root, exclude })) {
        files.push(path);
    }
    for (const path of files.sort()) {
        hash.update(`${path}\0`);
        hash.update(await readFile(join(root, path)));
    }
    return hash.digest("hex");
}

/**
 * Copies the SDK into `dist/`, and lets the package import it from there: not all package managers
 * install a bundled dependency.
 */
async function includeSdk(): Promise<void> {
    const dist = join(root, "dist");
    for await (const path of glob("**/*.{js,d.ts}", { cwd: dist })) {
        const text = await readFile(join(dist, path), "utf8");
        const sdk = `${"../".repeat(path.split(sep).length - 1) || "./"}harborSdk/index`;
        const own = text.replaceAll(/(require\(|from |import\()"@pulumi\/harbor"/g, `$1"${sdk}"`);
        if (own !== text) await writeFile(join(dist, path), own);
    }
    await cp(join(root, "sdks/harbor/bin"), join(dist, "harborSdk"), {
        recursive: true,
        filter: (path) => !path.endsWith(".map"),
    });
}

async function compile(project: string, ...options: readonly string[]): Promise<void> {
    const tsc = require.resolve("typescript/bin/tsc");
    const args = [tsc, "-p", project, ...options];
    const result = await captureChild(process.execPath, args, { cwd: root });
    if (result.code !== 0) {
        throw new Problem(`tsc -p ${project} failed:\n${result.stdout}${result.stderr}`);
    }
}

/** Bundles a program into one file; returns the paths of the bundled files. */
async function bundleProgram(entry: string, outfile: string, target: string): Promise<string[]> {
    await mkdir(dirname(join(root, outfile)), { recursive: true });
    const { metafile } = await bundle({
        absWorkingDir: root,
        entryPoints: [entry],
        outfile,
        bundle: true,
        platform: "node",
        target,
        format: "cjs",
        banner: { js: "#!/usr/bin/env node" },
        minify: true,
        legalComments: "none",
        logLevel: "warning",
        metafile: true,
    });
    await chmod(join(root, outfile), 0o755);
    return Object.keys(metafile.inputs);
}
