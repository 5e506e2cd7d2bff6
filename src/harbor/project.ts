import { hasStatus } from "../http/error";
import type { Answer } from "./answer";
import type { HarborClient } from "./client";
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

/** A project in Harbor. */
export interface Project {
    readonly id: number;
    readonly name: string;
    readonly public: boolean;
    readonly registryId: number | undefined;
    readonly autoScan: boolean;
    readonly autoSbomGeneration: boolean;
    readonly enableContentTrust: boolean;
    readonly enableContentTrustCosign: boolean;
    /** Whether Harbor refuses pulls of images with vulnerabilities of `severity` or above. */
    readonly preventVulnerable: boolean;
    readonly severity: string | undefined;
    readonly reuseSystemCveAllowlist: boolean;
    readonly cveAllowlist: readonly string[];
    /** Bandwidth of a proxy cache, in kilobytes per second; -1 is unlimited. */
    readonly proxySpeedKb: number | undefined;
    readonly proxyCacheLocalOnNotFound: boolean;
    readonly repositoryCount: number;
    readonly createdMs: number;
}

/** The writable members of a project. Absent members stay unchanged. */
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

/** The members of a new project. */
export interface NewProject extends ProjectSettings {
    readonly name: string;
    readonly registryId?: number | undefined;
    /** Storage limit in bytes; -1 is unlimited. Harbor ignores it unless a system administrator sends it. */
    readonly storageLimit?: number | undefined;
}

/** A project's address in the API: by number, or by name with a header. */
export function projectPath(project: number | string): string {
    return `/projects/${encodeURIComponent(String(project))}`;
}

// Without this header Harbor reads a name of digits as a number.
const byName = { "x-is-resource-name": "true" };

/** Reads a project by id or exact name; undefined when missing. */
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
        // A login that may not see all projects also gets 403 for missing projects.
        if (!hasStatus(error, 403) || typeof project !== "string") throw error;
        if (await projectExists(client, project)) throw error;
        return undefined;
    }
}

/** Whether a project of this name exists. Harbor answers every logged-in user. */
export function projectExists(client: HarborClient, name: string): Promise<boolean> {
    return client.exists("/projects", { project_name: name });
}

/** Every project that this login may see, or those that match `query`. */
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

/** Changes a project's settings; absent members stay unchanged. */
export async function updateProject(
    client: HarborClient,
    id: number,
    settings: ProjectSettings,
): Promise<void> {
    await client.put(projectPath(id), settingsBody(settings));
}

/** Deletes a project. Harbor refuses with 412 while the project has repositories. */
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

// Harbor stores the flags of a project as text.
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
