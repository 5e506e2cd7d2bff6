import type { HarborClient } from "../../harbor/client";
import { flag, object, requiredText, text } from "../../harbor/json";
import { projectPath } from "../../harbor/project";

/** A vulnerability scanner registered in Harbor. */
export interface Scanner {
    readonly uuid: string;
    readonly name: string;
}

/** A scanner, as Harbor lists them. */
export interface RegisteredScanner extends Scanner {
    /** Whether projects without their own scanner use this scanner. */
    readonly isDefault: boolean;
}

/** Every scanner in Harbor. For system administrators. */
export async function listAllScanners(client: HarborClient): Promise<RegisteredScanner[]> {
    return (await client.list("/scanners")).map((item) => ({
        uuid: requiredText(item, "uuid"),
        name: requiredText(item, "name"),
        isDefault: flag(item, "is_default"),
    }));
}

/** Makes a scanner the default scanner. */
export async function setDefaultScanner(client: HarborClient, uuid: string): Promise<void> {
    await client.patch(`/scanners/${uuid}`, { is_default: true }, { idempotent: true });
}

/** Every scanner that a project may use. */
export async function listScanners(client: HarborClient, projectId: number): Promise<Scanner[]> {
    const found = await client.list(`${projectPath(projectId)}/scanner/candidates`);
    return found.map((item) => ({
        uuid: requiredText(item, "uuid"),
        name: requiredText(item, "name"),
    }));
}

/** The scanner of a project; undefined when Harbor has none and sends an empty body. */
export async function getProjectScanner(
    client: HarborClient,
    projectId: number,
): Promise<Scanner | undefined> {
    const { body } = await client.get(`${projectPath(projectId)}/scanner`);
    if (body === undefined || body === null) return undefined;
    const scanner = object(body, "scanner");
    const uuid = text(scanner, "uuid");
    return uuid === undefined ? undefined : { uuid, name: text(scanner, "name") ?? "" };
}

/** Sets a project's scanner. */
export async function setProjectScanner(
    client: HarborClient,
    projectId: number,
    uuid: string,
): Promise<void> {
    await client.put(`${projectPath(projectId)}/scanner`, { uuid });
}
