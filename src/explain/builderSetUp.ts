import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Whether a builder or Docker is set up and may answer soon: a buildx instance in Docker's
 * configuration, where docker-build 0.0.22 looks it up, or an existing socket of Docker.
 *
 * @param error docker-build's message when no builder answered.
 */
export function isBuilderSetUp(error: string, env: NodeJS.ProcessEnv): boolean {
    return !/: no such file or directory/.test(error) || countInstances(env) > 0;
}

// As buildx places them: util/confutil and store, v0.35.
function countInstances(env: NodeJS.ProcessEnv): number {
    const docker = env["DOCKER_CONFIG"] || join(homedir(), ".docker");
    const folder = env["BUILDX_CONFIG"] || join(docker, "buildx");
    try {
        return readdirSync(join(folder, "instances")).length;
    } catch {
        return 0; // no instance has been set up there
    }
}
