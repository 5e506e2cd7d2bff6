/** A login for a registry host. */
export interface RegistryLogin {
    readonly registry: string;
    readonly username: string;
    readonly password: string;
}

/**
 * Content of a Kubernetes secret of type `kubernetes.io/dockerconfigjson`, under its key
 * `.dockerconfigjson`. Source: Kubernetes, "Pull an Image from a Private Registry". Some tools
 * read only `auth`, as in Docker's configuration file.
 */
export function dockerConfigJson({ registry, username, password }: RegistryLogin): string {
    const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
    return JSON.stringify({ auths: { [registry]: { username, password, auth } } });
}
