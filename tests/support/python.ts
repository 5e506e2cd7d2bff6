import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../tools/toolchain/command";
import { atEnd } from "./atEnd";
import { writeFolder } from "./tinyProject";

/** Why this machine cannot make Python environments; undefined when it can. */
export async function pythonObstacle(): Promise<string | undefined> {
    return runCommand("python3", ["-c", "import ensurepip, venv"]).then(
        () => undefined,
        () => "python3 with venv is missing; get it with: apt-get install python3-venv",
    );
}

/** Installs packages from PyPI into a new environment; returns the environment's folder. */
export async function pythonEnvironment(...packages: readonly string[]): Promise<string> {
    const folder = writeFolder({});
    atEnd(() => rm(folder, { recursive: true }));
    await runCommand("python3", ["-m", "venv", folder]);
    await runCommand(join(folder, "bin", "pip"), ["install", "--quiet", ...packages]);
    return folder;
}
