import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { basename, join, relative } from "node:path";
import { type CommandOptions, runCommand } from "../command";
import type { BuildContext, Piece } from "../piece";
import { type ProgramName, programPins } from "../pins";
import type { Tools } from "../toolset";
import { goEnvironment, goFolders, goObstacle, goOrigin, goPath } from "./go";

/** The differences between the Go programs. */
export interface ProgramRecipe {
    /** Name of the piece. */
    readonly name: string;
    readonly title: string;
    /** Pins of the program. */
    readonly pins: ProgramName;
    /** Packages to build. @default those of the pins */
    readonly packages?: readonly string[];
    /** Our own source files and folders in the module, in addition to go.mod and go.sum. */
    readonly sources?: readonly string[];
    /** Scripts of a module that belong next to the executables. */
    readonly scripts?: { readonly module: string; readonly paths: readonly string[] };
    /** Folder of the executables, below the entry's folder. @default the entry's folder */
    readonly outFolder?: string;
    /** Path of each tool (an executable or a folder), below the entry's folder. */
    readonly tools: Partial<Record<keyof Tools, string>>;
    readonly after?: readonly string[];
    readonly processorSeconds?: number;
    readonly instead?: string;
    readonly findOnMachine?: Piece["findOnMachine"];
    readonly onlyFor?: string;
}

/**
 * Shortens the build: no debugging tables, which `-w` would drop. Changes no behaviour of the program,
 * so it is no part of an entry's name.
 */
const quickly = "-gcflags=all=-dwarf=false";

/** Memory per core from which the compiler collects garbage less often, in bytes. */
const ampleMemory = 3 * 1024 ** 3;

/** A piece that the Go compiler builds from a module whose checksums are in this repository. */
export function goProgram(recipe: ProgramRecipe): Piece {
    const pins = programPins(recipe.pins);
    const packages = recipe.packages ?? pins.packages;
    // Without debugging tables an executable is a third smaller, and faster to link and to hash.
    const ldflags = ["-s", "-w", ...pins.ldflags].join(" ");
    const sources = ["go.mod", "go.sum", ...(recipe.sources ?? [])];
    return {
        name: recipe.name,
        title: recipe.title,
        version: pins.version,
        origin: goOrigin,
        folders: goFolders,
        after: recipe.after,
        processorSeconds: recipe.processorSeconds,
        instead: recipe.instead,
        onlyFor: recipe.onlyFor,
        // The keys are tool names, because `tools` is a record of these.
        provides: Object.keys(recipe.tools) as (keyof Tools)[],
        findOnMachine: recipe.findOnMachine,
        determinants: async () => [
            packages,
            ldflags,
            recipe.outFolder,
            // Left out without scripts, so that older entries of the cache stay valid.
            ...(recipe.scripts === undefined ? [] : [recipe.scripts]),
            await digest(pins.folder, sources),
        ],
        obstacle: goObstacle,
        build: (context) => build(context, pins.folder, packages, ldflags, recipe),
        toolsIn: (folder) =>
            Object.fromEntries(
                Object.entries(recipe.tools).map(([name, path]) => [name, join(folder, path)]),
            ),
    };
}

async function build(
    { folder, lanes, log, phase, signal }: BuildContext,
    module: string,
    packages: readonly string[],
    ldflags: string,
    { outFolder = "", scripts }: Pick<ProgramRecipe, "outFolder" | "scripts">,
): Promise<void> {
    const go = await goPath();
    const options = { cwd: module, env: goEnvironment(), log, signal };
    phase("waiting to download");
    await lanes.network.run(async () => {
        phase("downloading modules");
        // Listing the packages fetches only the modules that they need, while other pieces compile.
        await runCommand(go, ["list", "-deps", "-f", "{{.ImportPath}}", ...packages], options);
    });
    const out = `${join(folder, outFolder)}/`;
    if (scripts !== undefined) await copyScripts(scripts, out, options);
    phase("waiting for cores");
    await lanes.cores.run(async () => {
        phase("compiling");
        const args = ["build", "-o", out, quickly, "-ldflags", ldflags, ...packages];
        await runCommand(go, args, { ...options, env: { ...compilerMemory(), ...options.env } });
    });
}

/** Saves a tenth of the processor time where the memory allows it. */
function compilerMemory(): NodeJS.ProcessEnv {
    return totalmem() / availableParallelism() < ampleMemory ? {} : { GOGC: "400" };
}

/** Copies scripts out of the module cache, whose files are not executable. */
async function copyScripts(
    { module, paths }: NonNullable<ProgramRecipe["scripts"]>,
    out: string,
    options: CommandOptions,
): Promise<void> {
    const folder = ["list", "-m", "-f", "{{.Dir}}", module];
    const source = (await runCommand(await goPath(), folder, options)).trim();
    await mkdir(out, { recursive: true });
    for (const path of paths) {
        const script = join(out, basename(path));
        await copyFile(join(source, path), script);
        await chmod(script, 0o755);
    }
}

/** Hash of the files that a build reads of a module. */
async function digest(module: string, sources: readonly string[]): Promise<string> {
    const hash = createHash("sha256");
    for (const source of sources) {
        for (const path of await filesOf(join(module, source))) {
            hash.update(`${relative(module, path)}\0`).update(await readFile(path));
        }
    }
    return hash.digest("hex");
}

async function filesOf(path: string): Promise<string[]> {
    if ((await stat(path)).isFile()) {
        return [path];
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
}
