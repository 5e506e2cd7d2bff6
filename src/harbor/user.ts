import type { HarborClient } from "./client";
import { flag, type Json, requiredNumber, text } from "./json";

/** Somebody who can log in. */
export interface User {
    readonly id: number;
    readonly username: string;
    readonly fullName: string;
    readonly email: string;
    readonly comment: string;
    readonly systemAdministrator: boolean;
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
    };
}
