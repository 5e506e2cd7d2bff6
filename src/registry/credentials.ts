/** An account of a registry. */
export interface RegistryCredentials {
    readonly username: string;
    readonly password: string;
}

/** Finds the login for a registry's host, as in references; undefined for none. */
export type CredentialsFor = (
    registry: string,
) => RegistryCredentials | undefined | Promise<RegistryCredentials | undefined>;

/** The header of HTTP basic authentication. */
export function basicAuthorization({ username, password }: RegistryCredentials): string {
    return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

/** Names of Docker Hub in stored logins. */
const dockerHubNames = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** The host of an address from docker-build's `registries` or Docker's configuration. */
export function registryHost(address: string): string {
    const [host = ""] = address.replace(/^https?:\/\//, "").split("/", 1);
    return dockerHubNames.includes(host) ? "docker.io" : host;
}
