import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../tools/toolchain/command";
import { atEnd } from "./atEnd";

/** Why this machine cannot make Python environments; undefined when it can. */
export async function pythonObstacle(): Promise<string | undefined> {
    return runCommand("python3", ["-c", "import ensurepip, venv"]).then(
        () => undefined,
        () => "python3 with venv is missing; get it with: apt-get install python3-venv",
    );
}

/** Installs packages into a new environment in `folder`, until the end of the test file. */
export async function pythonEnvironment(
    folder: string,
    packages: readonly string[],
): Promise<void> {
    atEnd(() => rm(folder, { recursive: true, force: true }));
    await runCommand("python3", ["-m", "venv", folder]);
    await runCommand(join(folder, "bin", "pip"), ["install", "--quiet", ...packages]);
}
