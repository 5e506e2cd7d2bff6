import type { HarborClient } from "./client";
import { hasStatus } from "./error";
import { flag, type Json, object, text } from "./json";

/** Harbor's system configuration by Harbor's own names; undefined when this login may not see it. */
export async function getSettings(client: HarborClient): Promise<Json | undefined> {
    try {
        const settings = object((await client.get("/configurations")).body, "configurations");
        // Each setting is {"value": …, "editable": …}.
        return Object.fromEntries(
            Object.entries(settings).map(([key, setting]) => [key, object(setting, key)["value"]]),
        );
    } catch (error) {
        if (hasStatus(error, 401, 403)) return undefined;
        throw error;
    }
}

/** How users log in, and whether that can be changed: not while there are users besides the administrator. */
export async function getAuthMode(
    client: HarborClient,
): Promise<{ readonly value: string; readonly isEditable: boolean }> {
    const settings = object((await client.get("/configurations")).body, "configurations");
    const mode = object(settings["auth_mode"], "auth_mode");
    return { value: text(mode, "value") ?? "", isEditable: flag(mode, "editable") };
}

/** Prefix of robot accounts' names; undefined when this login may not see it. */
export async function getRobotNamePrefix(client: HarborClient): Promise<string | undefined> {
    const settings = await getSettings(client);
    return settings && text(settings, "robot_name_prefix");
}

/** Changes those settings that are given. Harbor refuses (403) all of them where its environment has them. */
export async function setSettings(client: HarborClient, settings: Json): Promise<void> {
    await client.put("/configurations", settings);
}

/** Whether Harbor refused because its settings come from its environment, not for want of a right. */
export function isFromEnvironment(error: unknown): boolean {
    return hasStatus(error, 403) && error.reason.includes("CONFIG_OVERWRITE_JSON");
}
