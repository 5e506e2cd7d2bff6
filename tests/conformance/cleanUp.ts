import { send } from "./http";
import type { Session } from "./session";

/** Deletes everything a replay made, newest first. What is gone already is no matter. */
export async function cleanUp(session: Session): Promise<void> {
    const headers = { authorization: session.basic("admin", undefined) };
    const { server } = session;
    for (const path of [...session.made].reverse()) {
        const project = /^\/api\/v2\.0\/projects\/([^/]+)$/.exec(path)?.[1];
        if (project !== undefined) {
            await empty(session, project, headers);
        }
        await send(server, "DELETE", path, headers);
    }
}

/** A project can only be deleted once it holds no repositories. */
async function empty(
    session: Session,
    project: string,
    headers: Record<string, string>,
): Promise<void> {
    const { server } = session;
    const base = `/api/v2.0/projects/${project}`;
    const rules = await send(server, "GET", `${base}/immutabletagrules?page_size=100`, headers);
    for (const { id } of listOf<{ id: number }>(rules.body)) {
        await send(server, "DELETE", `${base}/immutabletagrules/${id}`, headers);
    }
    const listed = await send(server, "GET", `${base}/repositories?page_size=100`, headers);
    for (const { name } of listOf<{ name: string }>(listed.body)) {
        const [owner = "", ...rest] = name.split("/");
        const inside = encodeURIComponent(encodeURIComponent(rest.join("/")));
        const path = `/api/v2.0/projects/${owner}/repositories/${inside}`;
        await send(server, "DELETE", path, headers);
    }
}

function listOf<T>(body: Buffer): readonly T[] {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return Array.isArray(value) ? value : [];
}
