import type { Answer } from "./answer";
import type { HarborClient } from "./client";
import { hasStatus } from "./error";
import {
    flag,
    type Json,
    number,
    object,
    objects,
    requiredNumber,
    requiredText,
    text,
} from "./json";
import { type Created, createOnce, type Found } from "./once";

/** Severities of Harbor's vulnerability gate, weakest first. */
export const severities: readonly string[] = ["none", "low", "medium", "high", "critical"];

/** A project, as Harbor has it. */
export interface Project {
    readonly id: number;
    readonly name: string;
    readonly public: boolean;
    readonly registryId: number | undefined;
    readonly autoScan: boolean;
    readonly autoSbomGeneration: boolean;
    readonly enableContentTrust: boolean;
    readonly enableContentTrustCosign: boolean;
    /** Images with vulnerabilities of `severity` or above are not given out. */
    readonly preventVulnerable: boolean;
    readonly severity: string | undefined;
    readonly reuseSystemCveAllowlist: boolean;
    readonly cveAllowlist: readonly string[];
    /** Bandwidth of a proxy cache in kilobytes a second; -1 is unlimited. */
    readonly proxySpeedKb: number | undefined;
    readonly proxyCacheLocalOnNotFound: boolean;
    readonly repositoryCount: number;
    readonly createdMs: number;
}

/** What of a project can be written. Absent members stay as they are. */
export interface ProjectSettings {
    readonly public?: boolean | undefined;
    readonly autoScan?: boolean | undefined;
    readonly autoSbomGeneration?: boolean | undefined;
    readonly enableContentTrust?: boolean | undefined;
    readonly enableContentTrustCosign?: boolean | undefined;
    readonly preventVulnerable?: boolean | undefined;
    readonly severity?: string | undefined;
    readonly reuseSystemCveAllowlist?: boolean | undefined;
    readonly cveAllowlist?: readonly string[] | undefined;
    readonly proxySpeedKb?: number | undefined;
    readonly proxyCacheLocalOnNotFound?: boolean | undefined;
}

/** What a new project is made of. */
export interface NewProject extends ProjectSettings {
    readonly name: string;
    readonly registryId?: number | undefined;
    /** In bytes; -1 is unlimited. Ignored by Harbor unless a system administrator asks. */
    readonly storageLimit?: number | undefined;
}

/** A project's address in the API: by number, or by name with the header that says so. */
export function projectPath(project: number | string): string {
    return `/projects/${encodeURIComponent(String(project))}`;
}

// Without it a name of digits only is taken for a number.
const byName = { "x-is-resource-name": "true" };

/** Reads a project by id or exact name; undefined when there is none. */
export async function getProject(
    client: HarborClient,
    project: number | string,
): Promise<Project | undefined> {
    return (await findProject(client, project))?.value;
}

async function findProject(
    client: HarborClient,
    project: number | string,
): Promise<Found<Project> | undefined> {
    const headers = typeof project === "string" ? byName : {};
    try {
        const answer = await client.get(projectPath(project), {}, headers);
        const value = parseProject(object(answer.body, "project"));
        return { value, createdMs: value.createdMs, serverTimeMs: answer.serverTimeMs };
    } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        // Whoever may not see all projects gets 403 for those that do not exist, too.
        if (!hasStatus(error, 403) || typeof project !== "string") throw error;
        if (await projectExists(client, project)) throw error;
        return undefined;
    }
}

/** Whether there is a project of this name. Harbor tells everybody who is logged in. */
export function projectExists(client: HarborClient, name: string): Promise<boolean> {
    return client.exists("/projects", { project_name: name });
}

/** Every project this login may see, or those that `query` picks. */
export async function listProjects(
    client: HarborClient,
    query: { name?: string | undefined; public?: boolean | undefined } = {},
): Promise<Project[]> {
    return (await client.list("/projects", query)).map(parseProject);
}

/** Creates a project and returns its id. */
export async function createProject(
    client: HarborClient,
    project: NewProject,
): Promise<Created<number>> {
    return createOnce({
        post: () =>
            client.post("/projects", {
                project_name: project.name,
                registry_id: project.registryId,
                storage_limit: project.storageLimit,
                ...settingsBody(project),
            }),
        fromAnswer: idFromLocation,
        find: async () => {
            const found = await findProject(client, project.name);
            return found && { ...found, value: found.value.id };
        },
    });
}

/** Changes a project's settings; what is absent stays. */
export async function updateProject(
    client: HarborClient,
    id: number,
    settings: ProjectSettings,
): Promise<void> {
    await client.put(projectPath(id), settingsBody(settings));
}

/** Deletes a project. Harbor refuses (412) while it holds repositories. */
export async function deleteProject(client: HarborClient, id: number): Promise<void> {
    await client.delete(projectPath(id));
}

/** The number at the end of a `Location` header. */
export function idFromLocation(answer: Answer): number | undefined {
    const match = /\/(\d+)$/.exec(answer.location ?? "");
    return match ? Number(match[1]) : undefined;
}

function settingsBody(settings: ProjectSettings): Json {
    const list = settings.cveAllowlist;
    return {
        metadata: {
            public: word(settings.public),
            auto_scan: word(settings.autoScan),
            auto_sbom_generation: word(settings.autoSbomGeneration),
            enable_content_trust: word(settings.enableContentTrust),
            enable_content_trust_cosign: word(settings.enableContentTrustCosign),
            prevent_vul: word(settings.preventVulnerable),
            severity: settings.severity,
            reuse_sys_cve_allowlist: word(settings.reuseSystemCveAllowlist),
            proxy_speed_kb:
                settings.proxySpeedKb === undefined ? undefined : String(settings.proxySpeedKb),
            proxy_cache_local_on_not_found: word(settings.proxyCacheLocalOnNotFound),
        },
        ...(list && { cve_allowlist: { items: list.map((id) => ({ cve_id: id })) } }),
    };
}

// Harbor keeps flags of a project as text.
function word(value: boolean | undefined): string | undefined {
    return value === undefined ? undefined : String(value);
}

function parseProject(json: Json): Project {
    const metadata = json["metadata"] ? object(json["metadata"], "metadata") : {};
    const allowlist = json["cve_allowlist"] ? object(json["cve_allowlist"], "cve_allowlist") : {};
    const speed = text(metadata, "proxy_speed_kb");
    const registryId = number(json, "registry_id");
    return {
        id: requiredNumber(json, "project_id"),
        name: requiredText(json, "name"),
        public: flag(metadata, "public"),
        registryId: registryId === 0 ? undefined : registryId,
        autoScan: flag(metadata, "auto_scan"),
        autoSbomGeneration: flag(metadata, "auto_sbom_generation"),
        enableContentTrust: flag(metadata, "enable_content_trust"),
        enableContentTrustCosign: flag(metadata, "enable_content_trust_cosign"),
        preventVulnerable: flag(metadata, "prevent_vul"),
        severity: text(metadata, "severity"),
        reuseSystemCveAllowlist: text(metadata, "reuse_sys_cve_allowlist") !== "false",
        cveAllowlist: objects(allowlist["items"], "cve_allowlist.items").map((item) =>
            requiredText(item, "cve_id"),
        ),
        proxySpeedKb: speed === undefined ? undefined : Number(speed),
        proxyCacheLocalOnNotFound: flag(metadata, "proxy_cache_local_on_not_found"),
        repositoryCount: number(json, "repo_count") ?? 0,
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}
