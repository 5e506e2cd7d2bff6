import * as pulumi from "@pulumi/pulumi";
import { PerRun } from "../engine/currentRun";
import type { CredentialsFor } from "../registry/credentials";
import { DockerLogins } from "../registry/dockerLogins";
import { type ImageInputs, readLogins } from "./imageInputs";

/**
 * An image's logins with docker-build's precedence: its own, those of the provider's configuration
 * (`docker-build:registries`), then Docker's. Warns once per run about a credential helper that fails.
 */
export function loginsOf(
    { login }: Pick<ImageInputs, "login">,
    options: { readonly env?: NodeJS.ProcessEnv | undefined },
): CredentialsFor {
    const docker = options.env === undefined ? perRun.current : ofDocker(options.env);
    const configured = configuredLogins();
    return (registry) => {
        const known = [login(registry), configured(registry)].find(
            (one) => one !== undefined && one !== "unknown",
        );
        return known ?? docker.find(registry);
    };
}

const ofDocker = (env: NodeJS.ProcessEnv) =>
    new DockerLogins({
        env,
        onFault: ({ text, fix }) => void pulumi.log.warn(`${text} Fix: ${fix}`),
    });

const perRun = new PerRun(() => ofDocker(process.env));

function configuredLogins(): ImageInputs["login"] {
    // Unlike a Config object, this logs no warning about a secret.
    const text = pulumi.runtime.getConfig("docker-build:registries");
    try {
        return readLogins(text === undefined ? undefined : JSON.parse(text));
    } catch {
        return readLogins(undefined); // docker-build reports the malformed value
    }
}
