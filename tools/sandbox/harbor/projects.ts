import { isSystemAdmin } from "./core/account";
import type { Api, Call, Reply } from "./core/api";
import { precondition } from "./core/fault";
import { order, parseQ, type Searchable, search } from "./core/listing";
import type { Project } from "./core/model";
import { isPublic, may, maySystem, memberRoles, requireLogin } from "./core/policy";
import type { Services } from "./core/services";
import { projectFor } from "./projectAccess";
import { createProject } from "./projectCreate";
import { mergeMetadata } from "./projectMetadata";
import { projectShape } from "./projectShape";
import { projectBrief, projectView } from "./projectView";
import { quotaOf } from "./quotas";
import { registryView } from "./remoteRegistries";

function head(call: Call): Reply {
    const name = call.query("project_name");
    if (name === null) {
        return { status: 422 };
    }
    requireLogin(call.account);
    const found = call.services.store.of("projects").find((project) => project.name === name);
    return { status: found === undefined ? 404 : 200 };
}

const fields: Searchable<Project> = {
    name: (project) => project.name,
    project_id: (project) => project.id,
    creation_time: (project) => project.created,
    update_time: (project) => project.updated,
    public: (project) => isPublic(project),
    owner_id: (project) => project.ownerId,
};

/**
 * Projects that an account sees in lists: all for administrators, else its own and the public ones.
 */
export function visibleProjects(call: Call): Project[] {
    const { account, services } = call;
    const { store } = services;
    const all = store.of("projects").values();
    if (maySystem(account, "project", "list") || isSystemAdmin(account)) {
        return all;
    }
    if (account.kind === "robot") {
        const scopes = account.robot.permissions.map((permission) => permission.scope);
        return all.filter((p) => isPublic(p) || scopes.includes("*") || scopes.includes(p.id));
    }
    return all.filter((p) => isPublic(p) || memberRoles(store, account, p.id).length > 0);
}

function listProjects(call: Call): Reply {
    const { services, account } = call;
    let found = search(visibleProjects(call), parseQ(call.query("q")), fields);
    const name = call.query("name");
    const owner = call.query("owner");
    const shown = call.query("public");
    if (name !== null) {
        found = found.filter((project) => project.name.includes(name));
    }
    if (owner !== null) {
        const user = services.store.of("users").find((one) => one.username === owner);
        found = found.filter((project) => project.ownerId === user?.id);
    }
    if (shown !== null) {
        const wanted = ["1", "t", "T", "true", "TRUE", "True"].includes(shown);
        found = found.filter((project) => isPublic(project) === wanted);
    }
    const brief = call.query("with_detail") === "false";
    return call.page(order(found, call.query("sort"), fields, "name"), (project) =>
        brief ? projectBrief(services, project, account) : projectView(services, project, account),
    );
}

function update(call: Call): Reply {
    const body = call.body("project", projectShape);
    const project = projectFor(call, "project", "update");
    call.services.store.of("projects").update(project.id, {
        metadata: mergeMetadata(project.metadata, body.metadata ?? {}, project.registryId),
        ...(body.cve_allowlist === undefined
            ? {}
            : {
                  allowlist: {
                      items: (body.cve_allowlist.items ?? []).map(({ cve_id = "" }) => ({
                          cve_id,
                      })),
                      ...(body.cve_allowlist.expires_at === undefined
                          ? {}
                          : { expires_at: body.cve_allowlist.expires_at }),
                  },
              }),
    });
    return {};
}

/** Why a project cannot be deleted now; undefined when it can. */
function obstacle(services: Services, project: Project): string | undefined {
    const { store } = services;
    return store.of("repositories").find((one) => one.projectId === project.id) === undefined
        ? undefined
        : "the project contains repositories, can not be deleted";
}

function remove(call: Call): Reply {
    const project = projectFor(call, "project", "delete");
    const reason = obstacle(call.services, project);
    if (reason !== undefined) {
        throw precondition(`precondition failed: ${reason}`);
    }
    const { store } = call.services;
    store.transaction(() => {
        const mine = (record: { projectId: number }): boolean => record.projectId === project.id;
        for (const kind of ["members", "robots", "quotas", "webhooks", "immutableRules"] as const) {
            store.of(kind).removeWhere(mine);
        }
        store.of("labels").removeWhere(mine);
        store.of("projectBlobs").removeWhere(mine);
        store.of("retentionPolicies").removeWhere(mine);
        store.of("projects").remove(project.id);
    });
    return {};
}

function deletable(call: Call): Reply {
    const project = projectFor(call, "project", "delete");
    const message = obstacle(call.services, project);
    return { json: message === undefined ? { deletable: true } : { message } };
}

function summary(call: Call): Reply {
    const project = projectFor(call, "project", "read");
    const { store } = call.services;
    const counted = may(store, call.account, project, "member", "list");
    const members = store.of("members").filter((member) => member.projectId === project.id);
    const count = (role: number): number => members.filter((one) => one.roleId === role).length;
    const counts = {
        project_admin_count: count(1),
        developer_count: count(2),
        guest_count: count(3),
        maintainer_count: count(4),
        limited_guest_count: count(5),
    };
    const quota = quotaOf(store, project.id);
    const registry =
        project.registryId === undefined
            ? undefined
            : store.of("registries").get(project.registryId);
    return {
        json: {
            repo_count: store.of("repositories").filter((r) => r.projectId === project.id).length,
            ...(counted
                ? Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0))
                : {}),
            ...(may(store, call.account, project, "quota", "read") && quota !== undefined
                ? {
                      quota: {
                          hard: { storage: quota.hardBytes },
                          used: { storage: quota.usedBytes },
                      },
                  }
                : {}),
            ...(registry === undefined
                ? {}
                : { registry: { ...registryView(registry), credential: undefined } }),
        },
    };
}

export function projectRoutes(api: Api): void {
    api.on("HEAD", "/projects", head);
    api.on("POST", "/projects", createProject);
    api.on("GET", "/projects", listProjects);
    const one = "/projects/:project_name_or_id";
    api.on("GET", one, (call) => ({
        json: projectView(call.services, projectFor(call, "project", "read"), call.account),
    }));
    api.on("PUT", one, update);
    api.on("DELETE", one, remove);
    api.on("GET", `${one}/_deletable`, deletable);
    api.on("GET", `${one}/summary`, summary);
}
