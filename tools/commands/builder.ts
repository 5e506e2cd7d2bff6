import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Problem } from "./problem";

/** Name of the buildx instance of the sandbox's BuildKit. */
export const sandboxInstance = "harbor-build";

/**
 * Leaves exactly one buildx instance in the private Docker configuration.
 *
 * docker-build ignores `BUILDX_BUILDER`, and a builder named in the arguments would be a diff on
 * machines with another name. With one instance, docker-build has no choice.
 */
export async function declareBuilder(
    dockerConfig: string,
    buildkitAddress: string,
    environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
    const given = environment["BUILDX_BUILDER"];
    const instance =
        given === undefined || given === ""
            ? { name: sandboxInstance, json: remoteInstance(sandboxInstance, buildkitAddress) }
            : { name: given, json: await readInstance(given, environment) };
    const folder = join(dockerConfig, "buildx", "instances");
    await mkdir(folder, { recursive: true });
    for (const other of await readdir(folder)) {
        if (other !== instance.name) {
            await rm(join(folder, other));
        }
    }
    const file = join(folder, instance.name);
    if ((await readFile(file, "utf8").catch(() => undefined)) !== instance.json) {
        await writeFile(file, instance.json);
    }
}

/** Adds an instance for a running BuildKit beside that of the sandbox, which stays the selected one. */
export async function addBuilder(
    dockerConfig: string,
    name: string,
    buildkitAddress: string,
): Promise<void> {
    const folder = join(dockerConfig, "buildx");
    await writeFile(join(folder, "instances", name), remoteInstance(name, buildkitAddress));
    const current = JSON.stringify({ Key: "", Name: sandboxInstance, Global: false });
    await writeFile(join(folder, "current"), current);
}

function remoteInstance(name: string, endpoint: string): string {
    return JSON.stringify({
        Name: name,
        Driver: "remote",
        Nodes: [{ Name: `${name}0`, Endpoint: endpoint }],
        Dynamic: false,
    });
}

async function readInstance(name: string, environment: NodeJS.ProcessEnv): Promise<string> {
    const config = environment["BUILDX_CONFIG"] || join(homedir(), ".docker", "buildx");
    const file = join(config, "instances", name.toLowerCase());
    try {
        return await readFile(file, "utf8");
    } catch (cause) {
        throw new Problem(
            `BUILDX_BUILDER: no builder "${name}" in ${join(config, "instances")}; ` +
                "create it with docker buildx create, or unset the variable to use the sandbox's",
            { cause },
        );
    }
}
