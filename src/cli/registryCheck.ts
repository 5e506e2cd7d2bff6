import { hostFault } from "../oci/reference";
import { locate } from "../registry/location";
import { Registries } from "../registry/registries";
import { printable } from "../text/printable";
import { reasonOf } from "../text/reason";
import { type Finding, fault, good } from "./finding";

/** Time allowed for the registry's answer, in milliseconds. */
const timeoutMs = 10_000;
const fix =
    "name the host of an OCI registry, with its port, as docker login and the argument `registry` do.";

/**
 * Checks that a registry answers at a host, for programs that do not use Harbor. Sends no login: the
 * program gives the credentials.
 */
export async function checkRegistry(host: string, env: NodeJS.ProcessEnv): Promise<Finding> {
    const subject = "registry";
    const reason = whyNoRegistry(host);
    if (reason !== undefined) return fault(subject, `"${printable(host)}": ${reason}.`, fix);
    const registries = new Registries(() => undefined, { env, timeoutMs });
    try {
        const { status, challenge } = await registries.ask(locate(`${host}/name`), (session) =>
            session.start(),
        );
        const logins = { basic: "with basic logins", bearer: "with token logins" };
        if (status === 200 || challenge !== undefined) {
            const how = challenge === undefined ? "without logins" : logins[challenge.scheme];
            return good(subject, `${host} answers, ${how}`);
        }
        return fault(subject, `${host} answers ${status} to /v2/: no registry is there.`, fix);
    } catch (error) {
        return fault(subject, `${host} gives no answer: ${reasonOf(error)}.`, fix);
    } finally {
        registries.close();
    }
}

/** Why a text names no registry. Docker reads a name without dot and port as a name in Docker Hub. */
function whyNoRegistry(host: string): string | undefined {
    const reason = hostFault(host);
    if (reason !== undefined || host === "index.docker.io") return reason;
    return locate(`${host}/name`).registry === host
        ? undefined
        : "Docker reads this as a name in Docker Hub. Expected a host with a dot or a port, or localhost";
}
