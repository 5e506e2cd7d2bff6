import { currentRun } from "../engine/currentRun";
import { HarborClient } from "../harbor/client";
import { getProject } from "../harbor/project";
import { atOnce } from "../http/cancellation";
import { harborAccess } from "./harborAccess";

/** Time limit of the question, in milliseconds. */
const timeoutMs = 5000;

/** Projects that Harbor has, by run. A missing project is asked for again: the run may create it. */
const found = new WeakMap<object, Set<string>>();

/**
 * Whether Harbor has a project, with the login of the default provider; true when that is unknown.
 *
 * Asks Harbor and not the engine. An invoke needs the default provider, which may wait for one of the
 * engine's workers, and every hook that waits holds a worker: a program with more images than workers
 * would never end.
 */
export async function hasProject(name: string): Promise<boolean> {
    const projects = found.get(currentRun()) ?? new Set();
    found.set(currentRun(), projects);
    const isThere = projects.has(name) || (await askHarbor(name));
    if (isThere) {
        projects.add(name);
    }
    return isThere;
}

async function askHarbor(name: string): Promise<boolean> {
    const { url, verifyTls, env, login } = harborAccess({});
    if (url === undefined || !URL.canParse(url)) {
        return true;
    }
    const client = new HarborClient({
        ...(await login()),
        url,
        verifyTls,
        requestTimeoutMs: timeoutMs,
        retry: { attemptsMax: 1 },
        env,
        cancellation: atOnce(AbortSignal.timeout(timeoutMs)),
    });
    try {
        return (await getProject(client, name)) !== undefined;
    } catch {
        // The login may lack the right to ask, or Harbor may be unreachable: the provider reports that.
        return true;
    } finally {
        client.close();
    }
}
