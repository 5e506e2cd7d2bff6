import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Whether there is a builder, or a Docker, that may answer in a moment: a buildx instance in Docker's
 * configuration, as docker-build 0.0.22 looks for them, or a Docker whose socket is there.
 *
 * @param error What docker-build said when none answered.
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
        return 0; // nothing has ever been set up there
    }
}
