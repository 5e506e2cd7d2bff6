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
import { getProject } from "./project";

/** One permission of a robot account. */
export interface Access {
    readonly resource: string;
    readonly action: string;
    readonly effect?: string | undefined;
}

/** The permissions of a robot account in one place. */
export interface Permission {
    /** `project` or `system`. */
    readonly kind: string;
    /** A project's name, `*` for all projects, `/` for the system. */
    readonly namespace: string;
    readonly access: readonly Access[];
}

/** A robot account in Harbor. */
export interface Robot {
    readonly id: number;
    /** Login name: the prefix, the project and a plus sign for project robots, and the short name. */
    readonly fullName: string;
    readonly description: string | undefined;
    readonly level: string;
    /** Days from the creation; -1 never expires. */
    readonly duration: number;
    /** Time of expiry, in milliseconds since 1970; undefined for never. */
    readonly expiresAtMs: number | undefined;
    readonly disabled: boolean;
    readonly permissions: readonly Permission[];
    readonly createdMs: number;
}

/** The members of a new robot account. */
export interface NewRobot {
    readonly name: string;
    readonly level: string;
    readonly description?: string | undefined;
    readonly duration: number;
    readonly permissions: readonly Permission[];
}

/** A new robot account with the secret that Harbor generated. */
export interface CreatedRobot {
    readonly id: number;
    readonly fullName: string;
    readonly secret: string | undefined;
}

/** Reads a robot account; undefined when missing. */
export async function getRobot(client: HarborClient, id: number): Promise<Robot | undefined> {
    const found = await client.find(`/robots/${id}`, "robot");
    return found && parseRobot(found);
}

/** Robot accounts of the system, or of one project. */
export async function listRobots(
    client: HarborClient,
    where: { projectId?: number | undefined } = {},
): Promise<Robot[]> {
    return (await client.list("/robots", { q: levelQuery(where) })).map(parseRobot);
}

/**
 * Creates a robot account. When the answer is lost and a lookup finds the account, the secret is
 * unknown, and the caller sets a new one.
 */
export async function createRobot(
    client: HarborClient,
    robot: NewRobot,
): Promise<Created<CreatedRobot>> {
    return createOnce({
        post: () =>
            client.post("/robots", {
                name: robot.name,
                level: robot.level,
                description: robot.description,
                duration: robot.duration,
                permissions: robot.permissions,
            }),
        fromAnswer: (answer) => {
            const body = answer.body === undefined ? {} : object(answer.body, "robot");
            const id = number(body, "id");
            if (id === undefined) return undefined;
            return { id, fullName: requiredText(body, "name"), secret: text(body, "secret") };
        },
        find: () => findRobot(client, robot),
    });
}

/** Replaces the changeable members of a robot account. */
export async function updateRobot(
    client: HarborClient,
    robot: Omit<Robot, "createdMs" | "expiresAtMs">,
): Promise<void> {
    await client.put(`/robots/${robot.id}`, {
        id: robot.id,
        name: robot.fullName,
        level: robot.level,
        description: robot.description ?? "",
        disable: robot.disabled,
        duration: robot.duration,
        permissions: robot.permissions,
    });
}

/** Sets the secret of a robot account. */
export async function setRobotSecret(
    client: HarborClient,
    id: number,
    secret: string,
): Promise<void> {
    await client.patch(`/robots/${id}`, { secret }, { idempotent: true });
}

/** Lets Harbor generate a new secret. Repeatable, because a lost answer loses only that secret. */
export async function renewRobotSecret(client: HarborClient, id: number): Promise<string> {
    const answer = await client.patch(`/robots/${id}`, {}, { idempotent: true });
    return requiredText(object(answer.body, "robot secret"), "secret");
}

async function findRobot(
    client: HarborClient,
    robot: NewRobot,
): Promise<Found<CreatedRobot> | undefined> {
    const projectName = robot.level === "project" ? robot.permissions[0]?.namespace : undefined;
    const project = projectName && (await getProject(client, projectName));
    if (projectName && !project) return undefined;
    // Harbor stores project robots as project+name. Harbor unescapes the query twice.
    const stored = projectName ? `${projectName}+${robot.name}` : robot.name;
    const where = levelQuery(project ? { projectId: project.id } : {});
    const answer = await client.get("/robots", {
        q: `${where},name=${encodeURIComponent(stored)}`,
    });
    const found = objects(answer.body, "robots").map(parseRobot)[0];
    if (!found) return undefined;
    return {
        value: { id: found.id, fullName: found.fullName, secret: undefined },
        createdMs: found.createdMs,
        serverTimeMs: answer.serverTimeMs,
    };
}

function levelQuery(where: { projectId?: number | undefined }): string {
    return where.projectId === undefined
        ? "Level=system"
        : `Level=project,ProjectID=${where.projectId}`;
}

function parseRobot(json: Json): Robot {
    const expiresAt = number(json, "expires_at") ?? -1; // seconds
    return {
        id: requiredNumber(json, "id"),
        fullName: requiredText(json, "name"),
        description: text(json, "description"),
        level: text(json, "level") ?? "system",
        duration: number(json, "duration") ?? -1,
        expiresAtMs: expiresAt < 0 ? undefined : expiresAt * 1000,
        disabled: flag(json, "disable"),
        permissions: objects(json["permissions"], "permissions").map(parsePermission),
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}

function parsePermission(json: Json): Permission {
    return {
        kind: requiredText(json, "kind"),
        namespace: requiredText(json, "namespace"),
        access: objects(json["access"], "access").map((item) => ({
            resource: requiredText(item, "resource"),
            action: requiredText(item, "action"),
            effect: text(item, "effect"),
        })),
    };
}
