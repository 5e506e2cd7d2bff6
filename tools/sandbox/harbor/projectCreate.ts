import { isSystemAdmin } from "./core/account";
import type { Call, Reply } from "./core/api";
import { badRequest, conflict, forbidden, internal } from "./core/fault";
import { now } from "./core/model";
import { maySystem, requireLogin } from "./core/policy";
import { newMetadata } from "./projectMetadata";
import { projectShape } from "./projectShape";
import { checkLimit, createQuota } from "./quotas";
import { addProxyRetention } from "./retention";

const nameRule = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

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

/** Checks who may create projects, and returns the owner: the user, or a robot's creator. */
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

/** The registry that a new proxy-cache project mirrors; undefined for other projects. */
function mirrored(call: Call, registryId: number | undefined): number | undefined {
    if (registryId === undefined) {
        return undefined;
    }
    if (!isSystemAdmin(call.account)) {
        throw forbidden("Only system admin can create proxy cache project");
    }
    if (registryId <= 0) {
        throw badRequest(
            `bad request: ${registryId} is invalid value of registry_id, it should be geater than 0`,
        );
    }
    if (call.services.store.of("registries").get(registryId) === undefined) {
        throw internal(); // Like Harbor.
    }
    return registryId;
}

/** Storage limit of a new project; ignored from accounts that may not set quotas. */
function limitOf(call: Call, asked: number): number {
    const heard = isSystemAdmin(call.account) || maySystem(call.account, "quota", "update");
    const limit = heard ? asked : 0;
    return limit === 0 ? call.services.settings.number("storage_per_project") : limit;
}

export function createProject(call: Call): Reply {
    const body = call.body("project", projectShape);
    const ownerId = creator(call);
    const { store } = call.services;
    const name = body.project_name ?? "";
    const registryId = mirrored(call, body.registry_id);
    checkName(name);
    const metadata = newMetadata(body.metadata ?? {}, body.public, registryId !== undefined);
    const limit = limitOf(call, body.storage_limit ?? 0);
    checkLimit(limit, "bad request: ");
    const id = store.nextId("projects"); // A refused duplicate uses up a number too.
    if (store.of("projects").find((project) => project.name === name) !== undefined) {
        throw conflict(`The project named ${name} already exists`);
    }
    const at = now();
    store.transaction(() => {
        const allowlistId = store.nextId("allowlists");
        const times = { created: at, updated: at };
        const fresh = { allowlistId, allowlist: undefined, ...times };
        store.of("projects").put({ id, name, ownerId, registryId, metadata, ...fresh });
        const owner = { projectId: id, entityType: "u" as const, entityId: ownerId, roleId: 1 };
        store.of("members").put({ id: store.nextId("members"), ...owner });
        createQuota(store, id, limit, at);
        if (registryId !== undefined) {
            addProxyRetention(store, id);
        }
    });
    const named = call.header("x-resource-name-in-location") === "true";
    const Location = `/api/v2.0/projects/${named ? name : id}`;
    return { status: 201, headers: { Location } };
}
