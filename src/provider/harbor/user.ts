import type { HarborClient } from "../../harbor/client";
import { flag, type Json, objects, requiredNumber, text } from "../../harbor/json";
import { type Created, createOnce } from "../../harbor/once";
import { idFromLocation } from "../../harbor/project";

/** A user who can log in. */
export interface User {
    readonly id: number;
    readonly username: string;
    readonly fullName: string;
    readonly email: string;
    readonly comment: string;
    readonly systemAdministrator: boolean;
    readonly createdMs: number;
}

/** The writable members of a user's profile. */
export interface UserProfile {
    readonly fullName: string;
    readonly email: string;
    readonly comment: string;
}

/** Reads a user; undefined when missing. */
export async function getUser(client: HarborClient, id: number): Promise<User | undefined> {
    const found = await client.find(`/users/${id}`, "user");
    return found && parseUser(found);
}

/** Creates a user and returns the id. */
export async function createUser(
    client: HarborClient,
    user: UserProfile & { readonly username: string; readonly password: string },
): Promise<Created<number>> {
    const { username, password } = user;
    return createOnce({
        post: () => client.post("/users", { username, password, ...profileBody(user) }),
        fromAnswer: idFromLocation,
        find: async () => {
            const q = `username=${encodeURIComponent(username)}`;
            const { body, serverTimeMs } = await client.get("/users", { q });
            const found = objects(body, "users")
                .map(parseUser)
                .find((one) => one.username === username);
            return found && { value: found.id, createdMs: found.createdMs, serverTimeMs };
        },
    });
}

export async function updateUser(
    client: HarborClient,
    id: number,
    profile: UserProfile,
): Promise<void> {
    await client.put(`/users/${id}`, profileBody(profile));
}

export async function setSystemAdministrator(
    client: HarborClient,
    id: number,
    systemAdministrator: boolean,
): Promise<void> {
    await client.put(`/users/${id}/sysadmin`, { sysadmin_flag: systemAdministrator });
}

/** Sets a user's password. Harbor refuses the current password with 400. */
export async function setUserPassword(
    client: HarborClient,
    id: number,
    password: string,
): Promise<void> {
    await client.put(`/users/${id}/password`, { new_password: password });
}

function profileBody({ fullName, email, comment }: UserProfile): Json {
    return { realname: fullName, email, comment };
}

/** Every user, or those with this exact name or e-mail address. For system administrators. */
export async function listUsers(
    client: HarborClient,
    query: { username?: string | undefined; email?: string | undefined } = {},
): Promise<User[]> {
    const terms = Object.entries(query)
        .filter(([, value]) => value)
        .map(([key, value]) => `${key}=${encodeURIComponent(value ?? "")}`);
    return (await client.list("/users", { q: terms.join(",") || undefined })).map(parseUser);
}

function parseUser(json: Json): User {
    return {
        id: requiredNumber(json, "user_id"),
        username: text(json, "username") ?? "",
        fullName: text(json, "realname") ?? "",
        email: text(json, "email") ?? "",
        comment: text(json, "comment") ?? "",
        systemAdministrator: flag(json, "sysadmin_flag"),
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}
