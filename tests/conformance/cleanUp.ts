import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./http";
import { send } from "./http";
import type { Made, Session } from "./session";

/**
 * Deletes everything that a replay created, newest first.
 *
 * @throws Error with every failed request, because leftovers disturb the next run.
 */
export async function cleanUp(session: Session): Promise<void> {
    const remover = new Remover(session);
    for (const made of [...session.made].reverse()) {
        await remover.remove(made);
    }
    if (remover.faults.length > 0) {
        throw new Error(`left behind in ${session.server.url}:\n${remover.faults.join("\n")}`);
    }
}

/** Harbor checks only every 30 s whether jobs have ended. */
const patienceMs = 90_000;
const pollMs = 2_000;

class Remover {
    readonly faults: string[] = [];
    readonly #session: Session;
    readonly #headers: Readonly<Record<string, string>>;

    constructor(session: Session) {
        this.#session = session;
        this.#headers = { authorization: session.basic("admin", undefined) };
    }

    async remove({ path, projectName }: Made): Promise<void> {
        if (projectName !== undefined) {
            // Everyone may ask Harbor whether a project exists, but only by name.
            const query = `?project_name=${encodeURIComponent(projectName)}`;
            const { status } = await this.#ask("HEAD", `/api/v2.0/projects${query}`);
            if (status === 404) {
                return;
            }
            await this.#empty(path, projectName);
        }
        await this.#delete(path);
    }

    /** Deletes what prevents the deletion of a project. */
    async #empty(path: string, name: string): Promise<void> {
        for (const { id } of await this.#list<{ id: number }>(`${path}/immutabletagrules`)) {
            await this.#delete(`${path}/immutabletagrules/${id}`);
        }
        // Harbor lists and deletes repositories only by the project's name, not by its id.
        const repositories = `/api/v2.0/projects/${name}/repositories`;
        for (const repository of await this.#list<{ name: string }>(repositories)) {
            const inside = repository.name.slice(name.length + 1);
            await this.#delete(`${repositories}/${encodeURIComponent(encodeURIComponent(inside))}`);
        }
    }

    async #delete(path: string): Promise<void> {
        const answer = await this.#ask("DELETE", path);
        if (answer.status >= 300 && !this.#isGone(path, answer)) {
            this.#report("DELETE", path, answer);
        }
    }

    /**
     * Harbor answers 404 for most deleted resources, and 400 for retention policies. Accounts
     * without system rights get 403 for resources of a deleted project, and can create nothing
     * outside of projects.
     */
    #isGone(path: string, { status, body }: Answer): boolean {
        const isProject = /^\/api\/v2\.0\/projects\/[^/]+$/.test(path);
        return (
            status === 404 ||
            (status === 400 && body.toString("utf8").includes("no such Retention policy")) ||
            (status === 403 && !isProject && !this.#session.server.systemRights)
        );
    }

    async #list<T>(path: string): Promise<readonly T[]> {
        const answer = await this.#ask("GET", `${path}?page_size=100`);
        if (answer.status !== 200) {
            this.#report("GET", path, answer);
            return [];
        }
        return JSON.parse(answer.body.toString("utf8")) as readonly T[]; // Harbor's lists are arrays.
    }

    async #ask(method: string, path: string): Promise<Answer> {
        const { server } = this.#session;
        const deadline = Date.now() + patienceMs;
        for (;;) {
            const answer = await send(server, method, path, this.#headers);
            if (!isPassing(answer) || Date.now() > deadline) {
                return answer;
            }
            await sleep(pollMs);
        }
    }

    #report(method: string, path: string, { status, body }: Answer): void {
        this.faults.push(`${method} ${path} answered ${status}: ${body.toString("utf8").trim()}`);
    }
}

/** A temporary refusal: a job has not ended, or a failed login has locked the account. */
function isPassing({ status, body }: Answer): boolean {
    return (
        status === 401 ||
        (status === 412 && body.toString("utf8").includes("aren't in final status"))
    );
}
