import type { HarborClient } from "../../harbor/client";
import { number, object, requiredNumber } from "../../harbor/json";
import { projectPath } from "../../harbor/project";
import { hasStatus, RequestError, RequestErrorKind } from "../../http/error";

/** Storage of a project, in bytes. */
export interface StorageQuota {
    /** Storage limit; -1 is unlimited. */
    readonly limit: number;
    readonly used: number;
}

/**
 * A project's storage quota; undefined when this login may not see it. Reads the project's summary,
 * which project administrators may see; only system administrators may see the list of quotas.
 */
export async function getQuota(
    client: HarborClient,
    projectId: number,
): Promise<StorageQuota | undefined> {
    let body: unknown;
    try {
        body = (await client.get(`${projectPath(projectId)}/summary`)).body;
    } catch (error) {
        if (hasStatus(error, 401, 403)) return undefined;
        throw error;
    }
    const quota = object(body, "summary")["quota"];
    if (quota === undefined || quota === null) return undefined;
    const hard = object(object(quota, "quota")["hard"], "quota.hard");
    const used = object(object(quota, "quota")["used"], "quota.used");
    return { limit: requiredNumber(hard, "storage"), used: number(used, "storage") ?? 0 };
}

/** Checks that this login may set quotas, with a request that changes nothing. @throws RequestError if not. */
export async function askQuotas(client: HarborClient): Promise<void> {
    await client.get("/quotas", { reference: "project", page_size: 1 });
}

/** Sets a project's storage limit, in bytes; -1 is unlimited. For system administrators. */
export async function setQuota(
    client: HarborClient,
    projectId: number,
    limit: number,
): Promise<void> {
    const quotas = await client.list("/quotas", { reference: "project", reference_id: projectId });
    const quota = quotas[0];
    if (!quota) {
        const reason = `project ${projectId} has no quota in Harbor`;
        throw new RequestError({ kind: RequestErrorKind.Protocol, reason });
    }
    await client.put(`/quotas/${requiredNumber(quota, "id")}`, { hard: { storage: limit } });
}
