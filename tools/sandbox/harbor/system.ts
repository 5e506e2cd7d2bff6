import { statfsSync } from "node:fs";
import { isSystemAdmin } from "./core/account";
import type { Api, Call, Reply } from "./core/api";
import { notFound } from "./core/fault";
import { now } from "./core/model";
import { isPublic, memberRoles, requireLogin, requireSystem } from "./core/policy";
import { visibleProjects } from "./projects";
import { projectBrief } from "./projectView";

/** The version of Harbor that the sandbox imitates. */
const harborVersion = "v2.15.2-080b0220";

const components = ["core", "database", "jobservice", "portal", "redis", "registry", "registryctl"];

function info(call: Call): Reply {
    const { settings, externalUrl } = call.services;
    const open = {
        auth_mode: settings.text("auth_mode"),
        banner_message: settings.text("banner_message"),
        oidc_provider_name: settings.text("oidc_name"),
        primary_auth_mode: settings.flag("primary_auth_mode"),
        self_registration: settings.flag("self_registration"),
    };
    if (call.account.kind === "anonymous") {
        return { json: open };
    }
    const url = externalUrl();
    return {
        json: {
            ...open,
            current_time: now(),
            external_url: url,
            harbor_version: harborVersion,
            has_ca_root: false,
            notification_enable: settings.flag("notification_enable"),
            project_creation_restriction: settings.text("project_creation_restriction"),
            read_only: settings.flag("read_only"),
            registry_storage_provider_name: "filesystem",
            registry_url: new URL(url).host,
        },
    };
}

function statistics(call: Call): Reply {
    requireLogin(call.account);
    const { account, services } = call;
    const { store } = services;
    const isAdmin = isSystemAdmin(account);
    const projects = store.of("projects").values();
    const shown = projects.filter(isPublic);
    const hidden = projects.filter(
        (project) =>
            !isPublic(project) && (isAdmin || memberRoles(store, account, project.id).length > 0),
    );
    const repositories = (of: readonly { id: number }[]): number =>
        store.of("repositories").filter((r) => of.some((p) => p.id === r.projectId)).length;
    let bytes = 0;
    for (const quota of store.of("quotas").values()) {
        bytes += quota.usedBytes;
    }
    return {
        json: {
            private_project_count: hidden.length,
            private_repo_count: repositories(hidden),
            public_project_count: shown.length,
            public_repo_count: repositories(shown),
            // Totals are for system administrators; others get zeros.
            total_project_count: isAdmin ? projects.length : 0,
            total_repo_count: isAdmin ? repositories(projects) : 0,
            total_storage_consumption: isAdmin ? bytes : 0,
        },
    };
}

function search(call: Call): Reply {
    const { store } = call.services;
    const text = call.query("q") ?? "";
    const projects = visibleProjects(call);
    const found = projects.filter((project) => project.name.includes(text));
    const repositories = store
        .of("repositories")
        .filter((r) => r.name.includes(text) && projects.some((p) => p.id === r.projectId));
    return {
        json: {
            project: found.map((project) => ({
                ...projectBrief(call.services, project, call.account),
                metadata: project.metadata,
            })),
            repository: repositories.map((repository) => ({
                artifact_count: store
                    .of("artifacts")
                    .filter((a) => a.repositoryId === repository.id).length,
                project_id: repository.projectId,
                project_name: store.of("projects").get(repository.projectId)?.name ?? "",
                repository_name: repository.name,
            })),
        },
    };
}

export function systemRoutes(api: Api): void {
    api.on("GET", "/ping", () => ({ text: "Pong", headers: { "Content-Type": "text/plain" } }));
    api.on("GET", "/health", () => ({
        json: {
            components: components.map((name) => ({ name, status: "healthy" })),
            status: "healthy",
        },
    }));
    api.on("GET", "/systeminfo", info);
    api.on("GET", "/systeminfo/volumes", (call) => {
        requireSystem(call.account, "system-volumes", "read");
        const { bavail, blocks, bsize } = statfsSync(call.services.dataDir);
        return { json: { storage: [{ free: bavail * bsize, total: blocks * bsize }] } };
    });
    api.on("GET", "/systeminfo/getcert", () => {
        throw notFound("resource not found: cert not found in path: /etc/core/ca/ca.crt");
    });
    api.on("GET", "/statistics", statistics);
    api.on("GET", "/search", search);
}
