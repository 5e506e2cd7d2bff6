import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "./problem";

/** A library whose code a bundle contains. */
export interface Library {
    readonly name: string;
    readonly version: string;
    /** SPDX identifier. */
    readonly licence: string;
    readonly text: string;
}

/** Licences that allow to ship a library with a package under Apache-2.0. */
const allowed = ["Apache-2.0", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD"];

/**
 * The libraries of bundles, by name.
 *
 * @param inputs paths of the bundled files, relative to `root`, as esbuild reports them
 * @throws Problem when a licence does not allow to ship the library
 */
export async function bundledLibraries(
    root: string,
    inputs: readonly string[],
): Promise<readonly Library[]> {
    const folders = new Set(inputs.map(libraryFolder).filter((folder) => folder !== undefined));
    const libraries = await Promise.all([...folders].map((folder) => readLibrary(root, folder)));
    const refused = libraries.filter(({ licence }) => !mayShip(licence));
    if (refused.length > 0) {
        const names = refused.map(({ name, licence }) => `${name} (${licence})`);
        throw new Problem(`cannot ship these libraries under their licences: ${names.join(", ")}`);
    }
    return libraries.sort((left, right) => left.name.localeCompare(right.name));
}

/** The text of the file that lists bundled libraries with their licences. */
export function licencesText(libraries: readonly Library[]): string {
    const parts = libraries.map(
        ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}\n`,
    );
    const head = "Libraries that dist/plugin and dist/cli contain, with their licences.\n";
    return [head, ...parts].join(`\n${"=".repeat(80)}\n\n`);
}

/**
 * The list of bundled libraries as CycloneDX 1.6 JSON, for scanners that find a package's libraries
 * only in `node_modules` (https://cyclonedx.org/docs/1.6/json).
 */
export function bomText(
    { name, version }: Pick<Library, "name" | "version">,
    libraries: readonly Library[],
): string {
    const component = (one: Pick<Library, "name" | "version">) => ({
        type: "library",
        "bom-ref": purlOf(one),
        name: one.name,
        version: one.version,
        purl: purlOf(one),
    });
    const bom = {
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        version: 1,
        metadata: { component: component({ name, version }) },
        components: libraries.map((one) => ({
            ...component(one),
            licenses: [{ expression: one.licence }],
        })),
        dependencies: [{ ref: purlOf({ name, version }), dependsOn: libraries.map(purlOf) }],
    };
    return `${JSON.stringify(bom, undefined, 2)}\n`;
}

/** https://github.com/package-url/purl-spec, type `npm`. */
function purlOf({ name, version }: Pick<Library, "name" | "version">): string {
    return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** Whether an SPDX expression needs only allowed licences, such as `(BSD-3-Clause AND Apache-2.0)`. */
function mayShip(expression: string): boolean {
    const names = expression.replace(/^\((.*)\)$/, "$1").split(" AND ");
    return names.every((name) => allowed.includes(name));
}

/** Folder of the package that a file belongs to; undefined for files of this repository. */
function libraryFolder(path: string): string | undefined {
    return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

async function readLibrary(root: string, folder: string): Promise<Library> {
    const path = join(root, folder);
    const { name, version, license } = JSON.parse(
        await readFile(join(path, "package.json"), "utf8"),
    );
    const file = (await readdir(path)).find((one) => /^licen[cs]e(\.|$|-)/i.test(one));
    const text =
        file === undefined ? `Licence: ${license}` : await readFile(join(path, file), "utf8");
    return { name, version, licence: String(license), text: text.trim() };
}
