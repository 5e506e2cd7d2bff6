import { DockerLogins } from "../registry/dockerLogins";
import { type Finding, fault, note } from "./finding";

/**
 * Checks Docker's configuration and the credential helpers that it names, as docker-build asks them.
 * Nothing to report without a fault: most images need no login of Docker.
 */
export async function checkDockerLogins(env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    const docker = new DockerLogins({
        env,
        onFault: ({ text, fix, stopsBuilds }) =>
            findings.push((stopsBuilds ? fault : note)("docker login", text, fix)),
    });
    await docker.check();
    return findings;
}
