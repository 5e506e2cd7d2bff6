import type { Account } from "./core/account";
import { type Project, zeroTime } from "./core/model";
import { memberRoles } from "./core/policy";
import type { Services } from "./core/services";
import { shownMetadata } from "./projectMetadata";

function rolesOf(services: Services, project: Project, account: Account): object {
    const roles = memberRoles(services.store, account, project.id);
    return roles.length === 0
        ? { current_user_role_ids: null }
        : { current_user_role_id: roles[0], current_user_role_ids: roles };
}

function repositoryCount(services: Services, project: Project): number {
    return services.store.of("repositories").filter((one) => one.projectId === project.id).length;
}

/** A project as `GET /projects/…` shows it. */
export function projectView(services: Services, project: Project, account: Account): object {
    const owner = services.store.of("users").get(project.ownerId);
    const list = project.allowlist;
    const at = list === undefined ? zeroTime : project.updated;
    return {
        creation_time: project.created,
        ...rolesOf(services, project, account),
        cve_allowlist: {
            creation_time: at,
            id: project.allowlistId,
            items: list?.items ?? [],
            ...(list?.expires_at === undefined ? {} : { expires_at: list.expires_at }),
            project_id: project.id,
            update_time: at,
        },
        metadata: shownMetadata(project.metadata),
        name: project.name,
        owner_id: project.ownerId,
        owner_name: owner?.username ?? "",
        project_id: project.id,
        ...(project.registryId === undefined ? {} : { registry_id: project.registryId }),
        repo_count: repositoryCount(services, project),
        update_time: project.updated,
    };
}

/** A project as lists show it with `with_detail=false`. */
export function projectBrief(services: Services, project: Project, account: Account): object {
    return {
        creation_time: project.created,
        ...rolesOf(services, project, account),
        cve_allowlist: { creation_time: zeroTime, items: null, update_time: zeroTime },
        name: project.name,
        owner_id: project.ownerId,
        project_id: project.id,
        ...(project.registryId === undefined ? {} : { registry_id: project.registryId }),
        repo_count: repositoryCount(services, project),
        update_time: project.updated,
    };
}
