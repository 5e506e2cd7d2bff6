import { hostFault, repositoryFault } from "../oci/reference";
import { registryHost } from "../registry/credentials";
import { locate } from "../registry/location";

/** The reference to request instead of one whose registry has a mirror. */
export function mirroredReference(
    reference: string,
    mirrors: Readonly<Record<string, string>>,
): string {
    const { registry, repository, selector } = locate(reference);
    const mirror = Object.entries(mirrors).find(([host]) => registryHost(host) === registry)?.[1];
    return mirror === undefined ? reference : `${mirror}/${repository}:${selector}`;
}

/** Why `mirror` is not a mirror of a registry; undefined for `HOST` or `HOST/PREFIX`. */
export function mirrorFault(mirror: string): string | undefined {
    const slash = mirror.indexOf("/");
    const host = slash < 0 ? mirror : mirror.slice(0, slash);
    // As in references, a first part without a dot or a port is not a host.
    if (hostFault(host) !== undefined || !(/[.:]/.test(host) || host === "localhost")) {
        return "expected HOST or HOST/PREFIX without scheme, such as harbor.example.com/dockerhub";
    }
    return slash < 0 ? undefined : repositoryFault(mirror.slice(slash + 1));
}
