import { PerRun } from "../engine/currentRun";
import { getProject } from "../harbor/project";
import { askHarbor } from "../harbor/question";
import { harborAccess } from "./harborAccess";

/** Time limit of the request, in milliseconds. */
const timeoutMs = 5000;

/** Projects that Harbor has. A missing project is asked for again: the run may create it. */
const found = new PerRun(() => new Set<string>());

/**
 * Whether Harbor has a project, with the login of the default provider; true when that is unknown.
 *
 * Asks Harbor and not the engine. An invoke needs the default provider, which may wait for one of the
 * engine's workers, and every hook that waits holds a worker: a program with more images than workers
 * would never end.
 */
export async function hasProject(name: string): Promise<boolean> {
    const projects = found.current;
    const isThere = projects.has(name) || (await isInHarbor(name));
    if (isThere) {
        projects.add(name);
    }
    return isThere;
}

async function isInHarbor(name: string): Promise<boolean> {
    const { url, verifyTls, env, login } = harborAccess({});
    if (url === undefined || !URL.canParse(url)) {
        return true;
    }
    const options = { ...(await login()), url, verifyTls, env };
    try {
        const project = await askHarbor(options, timeoutMs, (client) => getProject(client, name));
        return project !== undefined;
    } catch {
        // The login may lack the right to ask, or Harbor may be unreachable: the provider reports that.
        return true;
    }
}
