import * as pulumi from "@pulumi/pulumi";
import type { CredentialsFor } from "../registry/credentials";
import { dockerLogins } from "../registry/dockerLogins";
import { type ImageInputs, readLogins } from "./imageInputs";

/**
 * An image's logins with docker-build's precedence: its own, those of the provider's configuration
 * (`docker-build:registries`), then Docker's.
 */
export function loginsOf(
    { login }: ImageInputs,
    options: { readonly env?: NodeJS.ProcessEnv | undefined },
): CredentialsFor {
    const docker = dockerLogins(options.env ?? process.env);
    const configured = configuredLogins();
    return (registry) => {
        const known = [login(registry), configured(registry)].find(
            (one) => one !== undefined && one !== "unknown",
        );
        return known ?? docker.get(registry);
    };
}

function configuredLogins(): ImageInputs["login"] {
    // Unlike a Config object, this logs no warning about a secret.
    const text = pulumi.runtime.getConfig("docker-build:registries");
    try {
        return readLogins(text === undefined ? undefined : JSON.parse(text));
    } catch {
        return readLogins(undefined); // docker-build reports the malformed value
    }
}
