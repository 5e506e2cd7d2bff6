import type { CredentialsFor } from "../registry/credentials";
import { dockerLogins } from "../registry/dockerLogins";
import type { ImageInputs } from "./imageInputs";

/** An image's logins with docker-build's precedence: its own before Docker's. */
export function loginsOf(
    { login }: ImageInputs,
    options: { readonly env?: NodeJS.ProcessEnv | undefined },
): CredentialsFor {
    const docker = dockerLogins(options.env ?? process.env);
    return (registry) => {
        const own = login(registry);
        return own === undefined || own === "unknown" ? docker.get(registry) : own;
    };
}
