import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, internal, notFound } from "./core/fault";
import { int64, string, struct } from "./core/goJson";
import type { Member } from "./core/model";
import { roleNames } from "./core/policy";
import { projectFor } from "./projectAccess";
import { addGroup, groupShape, ldapType } from "./userGroups";

const memberShape = struct("ProjectMember", {
    role_id: int64,
    member_user: struct("UserEntity", { user_id: int64, username: string() }),
    member_group: groupShape,
});
const roleShape = struct("RoleRequest", { role_id: int64 });

type Entity = Pick<Member, "entityType" | "entityId">;
type Body = ReturnType<typeof readMember>;

const readMember = (call: Call) => call.body("projectMember", memberShape);

function nameOf(call: Call, member: Member): string {
    const { store } = call.services;
    return member.entityType === "u"
        ? (store.of("users").get(member.entityId)?.username ?? "")
        : (store.of("userGroups").get(member.entityId)?.name ?? "");
}

function view(call: Call, member: Member): object {
    return {
        entity_id: member.entityId,
        entity_name: nameOf(call, member),
        entity_type: member.entityType,
        id: member.id,
        project_id: member.projectId,
        role_id: member.roleId,
        role_name: roleNames[member.roleId] ?? "",
    };
}

function findUser(call: Call, body: Body): Entity | undefined {
    const { user_id: id = 0, username = "" } = body.member_user ?? {};
    if (id === 0 && username === "") {
        return undefined;
    }
    const users = call.services.store.of("users");
    const user = id > 0 ? users.get(id) : users.find((one) => one.username === username);
    if (user === undefined) {
        throw notFound(`user ${id > 0 ? id : username} is not found`);
    }
    return { entityType: "u", entityId: user.id };
}

/**
 * A group by number, or by name and type. Adds an unknown group, unless users log in by the
 * database.
 */
function findGroup(call: Call, body: Body): Entity | undefined {
    const given = body.member_group ?? {};
    const { id = 0, group_name: name = "", group_type: type = 0, ldap_group_dn: dn = "" } = given;
    const groups = call.services.store.of("userGroups");
    if (id > 0) {
        if (groups.get(id) === undefined) {
            throw badRequest(`Group ${id} not found`);
        }
        return { entityType: "g", entityId: id };
    }
    if (name === "" && dn === "") {
        return undefined;
    }
    const known = groups.find((one) => one.name === name && one.type === type);
    if (known === undefined && call.services.settings.text("auth_mode") === "db_auth") {
        throw notFound(`${type === ldapType ? dn || name : name} not found: not supported`);
    }
    const { id: entityId } = known ?? addGroup(call, name, type, dn);
    return { entityType: "g", entityId };
}

function create(call: Call): Reply {
    const body = readMember(call);
    const project = projectFor(call, "member", "create");
    const roleId = body.role_id ?? 0;
    const entity = findUser(call, body) ?? findGroup(call, body);
    if (entity === undefined) {
        throw internal();
    }
    const members = call.services.store.of("members");
    const same = members.find(
        (one) =>
            one.projectId === project.id &&
            one.entityType === entity.entityType &&
            one.entityId === entity.entityId,
    );
    if (same !== undefined) {
        throw conflict("The project member specified already exist");
    }
    if (roleNames[roleId] === undefined) {
        throw badRequest("Failed to update project member, role is not in 1,2,3");
    }
    const id = members.nextId();
    members.put({ id, projectId: project.id, ...entity, roleId });
    const place = call.param("project_name_or_id");
    return { status: 201, headers: { Location: `/api/v2.0/projects/${place}/members/${id}` } };
}

function list(call: Call): Reply {
    const project = projectFor(call, "member", "list");
    const all = call.services.store.of("members").filter((m) => m.projectId === project.id);
    const wanted = call.query("entityname");
    // Harbor counts members with an unknown role but does not show them.
    const shown = all
        .filter((member) => roleNames[member.roleId] !== undefined)
        .filter((member) => wanted === null || nameOf(call, member) === wanted)
        .sort((a, b) => (nameOf(call, a) < nameOf(call, b) ? -1 : 1));
    const reply = call.page(shown, (member) => view(call, member));
    return { ...reply, headers: { ...reply.headers, "X-Total-Count": String(all.length) } };
}

function find(call: Call, action: string): { projectId: number; member: Member | undefined } {
    const id = call.number("mid");
    const project = projectFor(call, "member", action);
    const member = call.services.store.of("members").get(id);
    const mine = member?.projectId === project.id ? member : undefined;
    return { projectId: project.id, member: mine };
}

function get(call: Call): Reply {
    const { projectId, member } = find(call, "read");
    if (member === undefined) {
        throw notFound(
            `the project member is not found, project id ${projectId}, member id ${call.number("mid")}`,
        );
    }
    return { json: view(call, member) };
}

export function memberRoutes(api: Api): void {
    const all = "/projects/:project_name_or_id/members";
    api.on("GET", all, list);
    api.on("POST", all, create);
    api.on("GET", `${all}/:mid`, get);
    // Harbor accepts any role here, and reports success for a missing member.
    api.on("PUT", `${all}/:mid`, (call) => {
        const { role_id: roleId = 0 } = call.body("role", roleShape);
        const { member } = find(call, "update");
        if (member !== undefined) {
            call.services.store.of("members").update(member.id, { roleId });
        }
        return {};
    });
    api.on("DELETE", `${all}/:mid`, (call) => {
        const { member } = find(call, "delete");
        if (member !== undefined) {
            call.services.store.of("members").remove(member.id);
        }
        return {};
    });
}
