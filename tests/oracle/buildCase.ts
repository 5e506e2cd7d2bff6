import {
    chmodSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Inputs of a build in addition to its files. */
export interface Given {
    readonly target?: string;
    readonly platforms?: readonly string[];
    readonly buildArgs?: Readonly<Record<string, string>>;
    /**
     * Build arguments that are known only when the program runs: all as one output, or each
     * separately.
     */
    readonly outputs?: "all" | "each";
    /** Locations by name; folders are relative to the context. */
    readonly namedContexts?: Readonly<Record<string, string>>;
    /** Configurations of images by reference; all other configurations are empty. */
    readonly images?: Readonly<Record<string, unknown>>;
    readonly baseImages?: "float" | "pin";
    /** Ids of the secrets and of the SSH agents. */
    readonly secrets?: readonly string[];
    readonly ssh?: readonly string[];
    /** Platform of the builder. @default linux/amd64 */
    readonly builder?: string;
    /** Whether the component carries cache mounts. @default false */
    readonly carries?: boolean;
    /** How much of the Dockerfile and the context to use. @default "auto" */
    readonly slicing?: "auto" | "whole";
    /** Stages that get an added cache mount. @default none */
    readonly mountedStages?: readonly string[];
}

/** One build to compare. */
export interface BuildCase extends Given {
    readonly name: string;
    /** Absolute path of the Dockerfile. */
    readonly dockerfile: string;
    /** Absolute path of the context's folder. */
    readonly context: string;
    /** The stages with separate images. @default the stages that the component finds */
    readonly builderStages?: readonly string[];
}

/** A case of the corpus, before its files are written. */
export interface CorpusFile {
    readonly name: string;
    readonly given: Given;
    /** Path of the Dockerfile in the context. */
    readonly file: string;
    /** Whether BuildKit, and so the component, rejects the case. */
    readonly refused: boolean;
    readonly entries: readonly Entry[];
}

type Entry = { readonly path: Buffer; readonly mode: number } & (
    | { readonly content: Buffer }
    | { readonly target: Buffer }
    | { readonly folder: true }
);

const marker = /^-- (?:([0-7]{3}) )?(.+?)(?: -> (.+))? --$/;

/**
 * Reads a case of the corpus: lines `name: JSON` with the inputs, then each file of the context
 * after a line `-- path --`. `-- 755 path --` sets a mode, `-- path -> target --` makes a link, `--
 * path/ --` an empty folder. Bytes stay unchanged; `chomp` lists files without a line feed at their
 * end.
 */
export function parseCase(name: string, bytes: Buffer): CorpusFile {
    const given: Record<string, unknown> = {};
    const entries: Entry[] = [];
    let current: { header: RegExpExecArray; lines: string[] } | undefined;
    const finish = () => {
        if (current === undefined) return;
        const [, mode = "644", path = "", target] = current.header;
        const chomped = Array.isArray(given["chomp"]) && given["chomp"].includes(path);
        const text = current.lines.join("\n") + (chomped || current.lines.length === 0 ? "" : "\n");
        const base = { path: Buffer.from(path, "latin1"), mode: Number.parseInt(mode, 8) };
        if (target !== undefined) entries.push({ ...base, target: Buffer.from(target, "latin1") });
        else if (path.endsWith("/")) entries.push({ ...base, folder: true });
        else entries.push({ ...base, content: Buffer.from(text, "latin1") });
    };
    const lines = bytes.toString("latin1").split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (const line of lines) {
        const header = marker.exec(line);
        if (header !== null) {
            finish();
            current = { header, lines: [] };
        } else if (current !== undefined) {
            current.lines.push(line);
        } else if (line !== "" && !line.startsWith("#")) {
            const [key = "", ...rest] = Buffer.from(line, "latin1").toString().split(": ");
            given[key] = JSON.parse(rest.join(": "));
        }
    }
    finish();
    const { refused = false, file = "Dockerfile", chomp: _, ...rest } = given;
    // The author of a case checks that the tests understand its inputs.
    return { name, given: rest as Given, file: String(file), refused: refused === true, entries };
}

/** Reads every case below a folder. */
export function readCorpus(root: string): CorpusFile[] {
    return readdirSync(root, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".txt"))
        .sort()
        .map((path) => parseCase(path.replace(/\.txt$/, ""), readFileSync(join(root, path))));
}

/** Writes a case's files into a separate folder. */
export function layOut(file: CorpusFile): { readonly build: BuildCase; remove(): void } {
    const context = mkdtempSync(join(tmpdir(), "harbor-build-case-"));
    const place = (path: Buffer) => Buffer.concat([Buffer.from(`${context}/`), path]);
    for (const entry of file.entries) {
        const path = place(entry.path);
        mkdirSync("folder" in entry ? path : dirnameOf(path), { recursive: true });
        if ("target" in entry) symlinkSync(entry.target, path);
        else if ("content" in entry) {
            writeFileSync(path, entry.content);
            chmodSync(path, entry.mode);
        }
    }
    const dockerfile = join(context, file.file);
    return {
        build: { ...file.given, name: file.name, dockerfile, context },
        remove: () => rmSync(context, { recursive: true, force: true }),
    };
}

function dirnameOf(path: Buffer): Buffer {
    return Buffer.from(dirname(path.toString("latin1")), "latin1");
}
