import { robotName } from "./core/account";
import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, internal, notFound, unauthorized } from "./core/fault";
import { boolean, int64, list, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { type Access, now, type Permission, type Robot } from "./core/model";
import { requireSystem } from "./core/policy";
import { hashSecret, isStrong, newSecret } from "./core/secrets";
import type { Services } from "./core/services";
import { projectFor, projectNamed } from "./projectAccess";
import {
    checkPermissions,
    type GivenPermission,
    grantable,
    requireSubset,
    showPermissions,
    storePermissions,
} from "./robotPermissions";

const accessShape = struct("Access", { resource: string(), action: string(), effect: string() });
const permissionShape = struct("RobotPermission", {
    kind: string(),
    namespace: string(),
    access: list(accessShape),
});
const common = {
    name: string(),
    description: string(),
    level: string(),
    disable: boolean,
    duration: int64,
    permissions: list(permissionShape),
};
const createShape = struct("RobotCreate", { ...common, secret: string() });
const updateShape = struct("Robot", { ...common, id: int64, secret: string() });
const secretShape = struct("RobotSec", { secret: string() });

const nameRule = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const storedNameMax = 255;
/** Harbor reads the largest 32-bit number as no duration. */
const durationMax = 2_147_483_646;
const daySeconds = 86_400;

const levelOf = (robot: Robot): "project" | "system" =>
    robot.projectId === 0 ? "system" : "project";

function view(services: Services, robot: Robot): object {
    return {
        creation_time: robot.created,
        creator_ref: robot.creatorRef,
        creator_type: robot.creatorType,
        ...(robot.description === "" ? {} : { description: robot.description }),
        disable: robot.disabled,
        duration: robot.durationDays,
        editable: true,
        expires_at: robot.expiresAt,
        id: robot.id,
        level: levelOf(robot),
        name: robotName(services.settings, robot),
        permissions: showPermissions(services.store, robot.permissions),
        update_time: robot.updated,
    };
}

function checkShape(
    duration: number,
    level: string,
    permissions: readonly GivenPermission[],
): void {
    if (duration !== -1 && (duration < 1 || duration > durationMax)) {
        throw badRequest(
            `bad request error duration input: ${duration}, duration must be either -1(Never) or a positive integer`,
        );
    }
    if (level !== "project" && level !== "system") {
        throw badRequest(`bad request error level input: ${level}`);
    }
    checkPermissions(level, permissions);
}

const expiry = (created: string, days: number): number =>
    days === -1 ? -1 : Math.floor(Date.parse(created) / 1000) + days * daySeconds;

/** Replaces names of projects in permissions by their numbers; refuses unknown projects. */
function resolve(services: Services, given: readonly GivenPermission[]): Permission[] {
    const resolved = given.map(({ kind, namespace = "", access = [] }): Permission => {
        const asked = access.map(
            ({ resource = "", action = "", effect }): Access =>
                effect === undefined ? { resource, action } : { resource, action, effect },
        );
        if (kind === "system") {
            return { kind, scope: "/", access: asked };
        }
        if (namespace === "*") {
            return { kind: "project", scope: "*", access: asked };
        }
        const project = services.store.of("projects").find((one) => one.name === namespace);
        if (project === undefined) {
            throw notFound(`project ${namespace} not found`);
        }
        return { kind: "project", scope: project.id, access: asked };
    });
    return storePermissions(services.store, resolved);
}

/**
 * The project of a project-level robot, or 0 for a system robot. @throws Fault without the right
 */
function ownerProject(
    call: Call,
    level: string,
    permissions: readonly GivenPermission[],
    action: string,
): number {
    if (level === "system") {
        requireSystem(call.account, "robot", action);
        return 0;
    }
    return projectNamed(call, "robot", action, permissions[0]?.namespace ?? "").id;
}

function create(call: Call): Reply {
    const body = call.body("robot", createShape);
    const { services } = call;
    const { store } = services;
    const { name = "", level = "", permissions = [], duration = 0 } = body;
    if (!nameRule.test(name)) {
        throw badRequest("robot name is not in lower case or contains illegal characters");
    }
    checkShape(duration, level, permissions);
    const projectId = ownerProject(call, level, permissions, "create");
    const project = store.of("projects").get(projectId);
    const storedName = project === undefined ? name : `${project.name}+${name}`;
    const id = store.nextId("robots"); // The number is used up even if the robot is refused below.
    if (storedName.length > storedNameMax) {
        throw internal();
    }
    if (store.of("robots").find((one) => one.storedName === storedName) !== undefined) {
        throw conflict(`robot account ${projectId}:${storedName} already exists`);
    }
    const secret = newSecret();
    const created = now();
    const { account } = call;
    const robot = store.transaction(() => {
        const resolved = resolve(services, permissions);
        if (account.kind === "robot") {
            requireSubset(account.robot.permissions, resolved);
        }
        return store.of("robots").put({
            id,
            storedName,
            projectId,
            description: body.description ?? "",
            durationDays: duration,
            expiresAt: expiry(created, duration),
            disabled: false, // Harbor ignores `disable` (and `secret`) when it creates
            secret: hashSecret(secret),
            permissions: resolved,
            creatorRef: account.kind === "robot" ? account.robot.id : creatorId(call),
            creatorType: account.kind === "robot" ? "robot" : "local",
            created,
            updated: created,
        });
    });
    return {
        status: 201,
        headers: { Location: `/api/v2.0/robots/${id}` },
        json: {
            creation_time: created,
            expires_at: robot.expiresAt,
            id,
            name: robotName(services.settings, robot),
            secret,
        },
    };
}

const creatorId = (call: Call): number => (call.account.kind === "user" ? call.account.user.id : 0);

/** The robot in a path. @throws Fault when the account may not do this to it */
function find(call: Call, action: string): Robot {
    const id = call.number("robot_id");
    const robot = call.services.store.of("robots").get(id);
    if (call.account.kind === "anonymous") {
        requireSystem(call.account, "robot", action);
    }
    if (robot === undefined) {
        throw notFound(`robot ${id} not found`);
    }
    requireRobot(call, robot, action);
    return robot;
}

function requireRobot(call: Call, robot: Robot, action: string): void {
    const project = call.services.store.of("projects").get(robot.projectId);
    if (project === undefined) {
        requireSystem(call.account, "robot", action);
    } else {
        projectNamed(call, "robot", action, project.name);
    }
}

const fields: Searchable<Robot> = {
    name: (robot) => robot.storedName,
    id: (robot) => robot.id,
    project_id: (robot) => robot.projectId,
    creation_time: (robot) => robot.created,
    update_time: (robot) => robot.updated,
    description: (robot) => robot.description,
    duration: (robot) => robot.durationDays,
    disabled: (robot) => robot.disabled,
};

function listRobots(call: Call): Reply {
    const terms = parseQ(call.query("q"));
    const exact = (key: string): string | undefined => {
        const term = terms.get(key);
        return term?.kind === "exact" ? term.value : undefined;
    };
    const level = exact("Level") ?? "system";
    if (level !== "system" && level !== "project") {
        throw badRequest("bad request error level input");
    }
    let projectId = 0;
    if (level === "project") {
        const asked = exact("ProjectID");
        if (asked === undefined) {
            throw badRequest("must with project ID when to query project robots");
        }
        projectId = projectFor(call, "robot", "list", asked).id;
    } else {
        requireSystem(call.account, "robot", "list");
    }
    const mine = call.services.store.of("robots").filter((one) => one.projectId === projectId);
    const found = order(search(mine, terms, fields), call.query("sort"), fields, "name");
    return call.page(found, (robot) => view(call.services, robot));
}

function update(call: Call): Reply {
    const body = call.body("robot", updateShape);
    const robot = find(call, "read");
    const { services } = call;
    const { level = "", name = "", permissions = [] } = body;
    const durationDays = body.duration ?? robot.durationDays;
    checkShape(durationDays, level, permissions);
    if (level !== levelOf(robot) || name !== robotName(services.settings, robot)) {
        throw badRequest("cannot update the level or name of robot");
    }
    requireRobot(call, robot, "update");
    services.store.transaction(() => {
        const resolved = resolve(services, permissions);
        if (level === "project" && resolved[0]?.scope !== robot.projectId) {
            throw badRequest("cannot update the project id of robot");
        }
        services.store.of("robots").update(robot.id, {
            description: body.description ?? "",
            disabled: body.disable ?? false,
            durationDays,
            expiresAt: expiry(robot.created, durationDays),
            permissions: resolved,
            updated: now(),
        });
    });
    return {};
}

function refresh(call: Call): Reply {
    const { secret: given = "" } = call.body("robotSec", secretShape);
    const robot = find(call, "update");
    if (given !== "" && !isStrong(given)) {
        throw badRequest(
            "the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number",
        );
    }
    const secret = given === "" ? newSecret() : given;
    call.services.store.of("robots").update(robot.id, { secret: hashSecret(secret) });
    return { json: given === "" ? { secret } : {} };
}

export function robotRoutes(api: Api): void {
    api.on("POST", "/robots", create);
    api.on("GET", "/robots", listRobots);
    api.on("GET", "/robots/:robot_id", (call) => ({
        json: view(call.services, find(call, "read")),
    }));
    api.on("PUT", "/robots/:robot_id", update);
    api.on("PATCH", "/robots/:robot_id", refresh);
    api.on("DELETE", "/robots/:robot_id", (call) => {
        call.services.store.of("robots").remove(find(call, "delete").id);
        return {};
    });
    api.on("GET", "/permissions", (call) => {
        requirePermissionsReader(call);
        return { json: grantable() };
    });
}

function requirePermissionsReader(call: Call): void {
    const { account, services } = call;
    if (account.kind === "anonymous") {
        throw unauthorized("");
    }
    const administers =
        account.kind === "user" &&
        services.store
            .of("members")
            .find((m) => m.entityType === "u" && m.entityId === account.user.id && m.roleId === 1);
    if (administers === undefined || administers === false) {
        requireSystem(account, "robot", "list");
    }
}
