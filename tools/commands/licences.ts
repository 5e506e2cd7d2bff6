import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "./problem";

/** A library whose code a bundle contains. */
interface Library {
    readonly name: string;
    readonly version: string;
    /** SPDX identifier. */
    readonly licence: string;
    readonly text: string;
}

/** Licences that allow to ship a library with a package under Apache-2.0. */
const allowed = ["Apache-2.0", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD"];

/**
 * The text of the file that lists the bundled libraries with their licences.
 *
 * @param inputs paths of the bundled files, relative to `root`, as esbuild reports them
 * @throws Problem when a licence does not allow to ship the library
 */
export async function licencesText(root: string, inputs: readonly string[]): Promise<string> {
    const folders = new Set(inputs.map(libraryFolder).filter((folder) => folder !== undefined));
    const libraries = await Promise.all([...folders].map((folder) => readLibrary(root, folder)));
    const refused = libraries.filter(({ licence }) => !mayShip(licence));
    if (refused.length > 0) {
        const names = refused.map(({ name, licence }) => `${name} (${licence})`);
        throw new Problem(`cannot ship these libraries under their licences: ${names.join(", ")}`);
    }
    const parts = libraries
        .sort((left, right) => left.name.localeCompare(right.name))
        .map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}\n`);
    const head = "Libraries that dist/plugin and dist/cli contain, with their licences.\n";
    return [head, ...parts].join(`\n${"=".repeat(80)}\n\n`);
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
