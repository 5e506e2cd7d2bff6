/** Where a registry keeps what a reference names. */
export interface Location {
    /** The reference as it was given. */
    readonly reference: string;
    /** Host of the registry as references and logins name it. */
    readonly registry: string;
    /** Host that speaks the registry protocol; another one only for Docker Hub. */
    readonly server: string;
    readonly repository: string;
    /** Tag, or digest where one is given. */
    readonly selector: string;
}

const dockerHub = "docker.io";
const dockerHubServer = "registry-1.docker.io";

/**
 * Finds what a reference names, with Docker's rules for short ones: a first part without `.`, `:`
 * and other than `localhost` is no host, and what has no host is Docker Hub's; no tag is `latest`.
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
