/** A login for a registry host. */
export interface RegistryLogin {
    readonly registry: string;
    readonly username: string;
    readonly password: string;
}

/**
 * Content of a Kubernetes secret of type `kubernetes.io/dockerconfigjson`, under its key
 * `.dockerconfigjson`. Source: Kubernetes, "Pull an Image from a Private Registry"; `auth` is what
 * tools read that know Docker's own file alone.
 */
export function dockerConfigJson({ registry, username, password }: RegistryLogin): string {
    const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
    return JSON.stringify({ auths: { [registry]: { username, password, auth } } });
}
