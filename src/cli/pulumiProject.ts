import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { CommandError } from "./finding";
import { upwards } from "./folders";

/** The file of a Pulumi project. */
export interface ProjectFile {
    /** Folder of the project file, to which paths in that file are relative. */
    readonly folder: string;
    /** Name of the project file, such as `Pulumi.yaml`. */
    readonly fileName: string;
    readonly text: string;
}

/** A Pulumi project whose program runs in Node.js or Bun. */
export interface PulumiProject extends ProjectFile {
    /** Folder of the program, where Node.js finds its packages. */
    readonly programFolder: string;
}

const fileNames = ["Pulumi.json", "Pulumi.yaml", "Pulumi.yml"];

/**
 * Finds the project file of a folder as Pulumi does: in the folder, or in the nearest one that contains
 * it.
 *
 * @throws CommandError when there is none.
 */
export function findProjectFile(start: string): ProjectFile {
    const files = upwards(start).flatMap((folder) => fileNames.map((name) => join(folder, name)));
    const file = files.find((path) => existsSync(path));
    if (file === undefined) {
        throw new CommandError(
            "Pulumi.yaml",
            `no Pulumi project in ${start} or in a folder above.`,
            "run this command in a Pulumi project; `pulumi new typescript` creates one.",
        );
    }
    return { folder: dirname(file), fileName: basename(file), text: readFileSync(file, "utf8") };
}

/** Finds a folder's project. @throws CommandError also when its program runs in neither Node.js nor Bun. */
export function findProject(start: string): PulumiProject {
    const { folder, fileName, text } = findProjectFile(start);
    const document = parseProjectFile(fileName, text);
    const runtime = runtimeOf(document);
    if (runtime !== "nodejs" && runtime !== "bun") {
        throw new CommandError(
            `${fileName}: runtime`,
            `"${runtime}" does not run this package. Expected "nodejs" or "bun", for a program in TypeScript or JavaScript.`,
            "run this command in a project for Node.js; `pulumi new typescript` creates one.",
        );
    }
    return { folder, fileName, text, programFolder: programFolder(folder, document.get("main")) };
}

const runtimeOf = (document: Document): unknown =>
    document.getIn(["runtime", "name"]) ?? document.get("runtime");

/** Whether Pulumi compiles the program with TypeScript: always, unless its settings say otherwise. */
export function usesTypeScript({ text }: PulumiProject): boolean {
    const document = parseDocument(text);
    const option = document.getIn(["runtime", "options", "typescript"]);
    return runtimeOf(document) !== "bun" && option !== false;
}

/** Parses a project file. @throws CommandError when the text is not a YAML map. */
export function parseProjectFile(fileName: string, text: string): Document {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error !== undefined || !isMap(document.contents)) {
        throw new CommandError(
            fileName,
            `${error?.message.split("\n")[0] ?? "not a map of settings"}.`.replace(/:?\.$/, "."),
            "correct the file; `pulumi about` then shows the project.",
        );
    }
    return document;
}

function programFolder(folder: string, main: unknown): string {
    if (typeof main !== "string") return folder;
    const path = join(folder, main);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    return isFolder || extname(path) === "" ? path : dirname(path);
}

/** A path for a project file: relative, with slashes. */
export function projectPath({ folder }: PulumiProject, path: string): string {
    return relative(folder, path).replaceAll("\\", "/");
}
