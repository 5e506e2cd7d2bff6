import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command";
import { goEnvironment, goPath } from "./pieces/go";
import { goPins, programNames, programPins } from "./pins";

/**
 * `node --import tsx tools/toolchain/repin.ts [PROGRAM…]` rewrites go.mod and go.sum of the pinned Go
 * programs after a change of `pins.json`. Needs the network; commit the written files.
 */
async function main(names: readonly string[]): Promise<void> {
    for (const name of programNames) {
        if (names.length === 0 || names.includes(name)) {
            console.error(`repin: ${name}`);
            await repin(name);
        }
    }
}

async function repin(name: (typeof programNames)[number]): Promise<void> {
    const { folder, modules, packages, replace, version } = programPins(name);
    const replacements = Object.entries(replace).map(([from, to]) => `replace ${from} => ${to}\n`);
    const header = [`module harbor-build/toolchain/${name}\n`, `go ${goPins.minimum}\n`];
    await writeFile(join(folder, "go.mod"), [...header, ...replacements].join("\n"));
    await rm(join(folder, "go.sum"), { force: true });
    const options = { cwd: folder, env: { ...goEnvironment(), GOFLAGS: "-mod=mod" } };
    // Our own packages are in the module.
    const tools = packages
        .filter((path) => !path.startsWith("."))
        .map((path) => `${path}@v${version}`);
    if (tools.length > 0) await runCommand(await goPath(), ["get", "-tool", ...tools], options);
    const pinned = modules.map((module) => `${module}@v${version}`);
    await runCommand(await goPath(), ["get", ...pinned], options);
    // Adds what our own sources in the module import.
    await runCommand(await goPath(), ["list", "-deps", "./..."], options);
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
