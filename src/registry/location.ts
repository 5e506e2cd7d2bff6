import { splitReference } from "../oci/reference";

/** Where a registry stores the content of a reference. */
export interface Location {
    /** The given reference. */
    readonly reference: string;
    /** Host of the registry in references and logins. */
    readonly registry: string;
    /** Host that serves the registry protocol; differs from `registry` only for Docker Hub. */
    readonly server: string;
    readonly repository: string;
    /** Tag, or the digest if there is one. */
    readonly selector: string;
}

const dockerHub = "docker.io";
const dockerHubServer = "registry-1.docker.io";

/**
 * Resolves a reference with Docker's rules for short ones: a reference without a host belongs to Docker
 * Hub; the default tag is `latest`.
 */
export function locate(reference: string): Location {
    const { host, path, tag, digest } = splitReference(reference);
    const registry = host === undefined || host === "index.docker.io" ? dockerHub : host;
    const hub = registry === dockerHub;
    return {
        reference,
        registry,
        server: hub ? dockerHubServer : registry,
        repository: hub && !path.includes("/") ? `library/${path}` : path,
        selector: digest ?? tag ?? "latest",
    };
}
