import { isSystemAdmin } from "./core/account";
import type { Api, Call, Reply } from "./core/api";
import {
    badRequest,
    conflict,
    forbidden,
    notFound,
    precondition,
    unauthorized,
} from "./core/fault";
import { boolean, int64, list, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type Project } from "./core/model";
import { isPublic, may, maySystem, memberRoles, requireLogin } from "./core/policy";
import type { Services } from "./core/services";
import { mergeMetadata, newMetadata } from "./projectMetadata";
import { projectBrief, projectView } from "./projectView";
import { checkLimit, createQuota, quotaOf } from "./quotas";

const metadataShape = struct("ProjectMetadata", {
    public: string(),
    enable_content_trust: string(),
    enable_content_trust_cosign: string(),
    prevent_vul: string(),
    severity: string(),
    auto_scan: string(),
    auto_sbom_generation: string(),
    reuse_sys_cve_allowlist: string(),
    retention_id: string(),
    proxy_speed_kb: string(),
    max_upstream_conn: string(),
});

export const allowlistShape = struct("CVEAllowlist", {
    items: list(struct("CVEAllowlistItem", { cve_id: string() })),
    expires_at: int64,
});

const projectShape = struct("ProjectReq", {
    project_name: string({ maxLength: 255 }),
    public: boolean,
    metadata: metadataShape,
    cve_allowlist: allowlistShape,
    storage_limit: int64,
    registry_id: int64,
});

const nameRule = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Finds a project by name, or by number unless the caller says it is a name. */
export function findProject(call: Call, text: string): Project | undefined {
    const projects = call.services.store.of("projects");
    const named = call.header("x-is-resource-name") === "true";
    return /^\d+$/.test(text) && !named
        ? projects.get(Number(text))
        : projects.find((project) => project.name === text);
}

/**
 * The project a path names, when the account may do this to it. Whether a private project exists
 * is told only to those who may see it: others get 403, the anonymous 401.
 */
export function projectFor(call: Call, resource: string, action: string, name?: string): Project {
    const text = name ?? call.param("project_name_or_id");
    return allowedProject(call, resource, action, text, findProject(call, text));
}

/** As `projectFor`, but the text is always a name, even when it is made of digits. */
export function projectNamed(call: Call, resource: string, action: string, name: string): Project {
    const found = call.services.store.of("projects").find((project) => project.name === name);
    return allowedProject(call, resource, action, name, found);
}

function allowedProject(
    call: Call,
    resource: string,
    action: string,
    text: string,
    project: Project | undefined,
): Project {
    const { account } = call;
    const allowed =
        project === undefined
            ? isSystemAdmin(account)
            : may(call.services.store, account, project, resource, action);
    if (!allowed) {
        throw account.kind === "anonymous" ? unauthorized() : forbidden();
    }
    if (project === undefined) {
        throw notFound(`project ${text} not found`);
    }
    return project;
}

function checkName(name: string): void {
    if (name.length < 1 || name.length > 255) {
        throw badRequest(
            `Project name ${name} is illegal in length. (greater than 255 or less than 1)`,
        );
    }
    if (!nameRule.test(name)) {
        throw badRequest("project name is not in lower case or contains illegal characters");
    }
}

/** Who may create projects, and who then owns them: a user itself, for a robot its creator. */
function creator(call: Call): number {
    const { account, services } = call;
    requireLogin(account);
    if (account.kind === "robot") {
        if (account.robot.projectId !== 0) {
            throw forbidden("Only system level robot can create project");
        }
        if (!maySystem(account, "project", "create")) {
            throw forbidden(account.name);
        }
        return account.robot.creatorRef;
    }
    const adminOnly = services.settings.text("project_creation_restriction") === "adminonly";
    if (adminOnly && !account.user.sysadmin) {
        throw forbidden("Only system admin can create project");
    }
    return account.user.id;
}

function create(call: Call): Reply {
    const body = call.body("project", projectShape);
    const ownerId = creator(call);
    const { store, settings } = call.services;
    const name = body.project_name ?? "";
    checkName(name);
    const mayLimit = maySystem(call.account, "quota", "update") || isSystemAdmin(call.account);
    const asked = mayLimit ? (body.storage_limit ?? 0) : 0;
    const limit = asked === 0 ? settings.number("storage_per_project") : asked;
    if (
        body.registry_id !== undefined &&
        store.of("registries").get(body.registry_id) === undefined
    ) {
        throw badRequest(`bad request: registry ${body.registry_id} not found`);
    }
    const metadata = newMetadata(body.metadata ?? {}, body.public, body.registry_id !== undefined);
    checkLimit(limit, "bad request: ");
    const id = store.nextId("projects"); // a refused duplicate uses up a number too
    if (store.of("projects").find((project) => project.name === name) !== undefined) {
        throw conflict(`The project named ${name} already exists`);
    }
    const at = now();
    store.transaction(() => {
        store.of("projects").put({
            id,
            name,
            ownerId,
            registryId: body.registry_id,
            metadata,
            allowlistId: store.nextId("allowlists"),
            allowlist: undefined,
            created: at,
            updated: at,
        });
        const memberId = store.nextId("members");
        const owner = { projectId: id, entityType: "u" as const, entityId: ownerId, roleId: 1 };
        store.of("members").put({ id: memberId, ...owner });
        createQuota(store, id, limit, at);
    });
    const named = call.header("x-resource-name-in-location") === "true";
    const Location = `/api/v2.0/projects/${named ? name : id}`;
    return { status: 201, headers: { Location } };
}

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

/** Projects an account sees in lists: all for administrators, else its own and the public ones. */
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

/** Why a project can't be deleted now; undefined when it can. */
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
                : { registry: { id: registry.id, name: registry.name } }),
        },
    };
}

export function projectRoutes(api: Api): void {
    api.on("HEAD", "/projects", head);
    api.on("POST", "/projects", create);
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
