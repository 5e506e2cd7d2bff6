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
 * Resolves a reference with Docker's rules for short ones: a first part without `.` or `:` is not a
 * host, except `localhost`; a reference without a host belongs to Docker Hub; the default tag is
 * `latest`.
 */
export function locate(reference: string): Location {
    const [name = "", digest] = reference.split("@", 2);
    const tagAt = name.lastIndexOf(":");
    const hasTag = tagAt > name.lastIndexOf("/");
    const path = hasTag ? name.slice(0, tagAt) : name;
    const selector = digest ?? (hasTag ? name.slice(tagAt + 1) : "latest");
    const slash = path.indexOf("/");
    const first = slash < 0 ? "" : path.slice(0, slash);
    const hasHost = /[.:]/.test(first) || first === "localhost";
    const registry = !hasHost || first === "index.docker.io" ? dockerHub : first;
    const rest = hasHost ? path.slice(slash + 1) : path;
    const hub = registry === dockerHub;
    return {
        reference,
        registry,
        server: hub ? dockerHubServer : registry,
        repository: hub && !rest.includes("/") ? `library/${rest}` : rest,
        selector,
    };
}
