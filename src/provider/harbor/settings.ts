import type { HarborClient } from "../../harbor/client";
import { flag, type Json, object, text } from "../../harbor/json";
import { hasStatus } from "../../http/error";

/** Harbor's system configuration, by Harbor's names; undefined when this login may not see it. */
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

/** How users log in, and whether that can change: only while the administrator is the only user. */
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

/** Changes the given settings. Harbor refuses with 403 when its environment defines the settings. */
export async function setSettings(client: HarborClient, settings: Json): Promise<void> {
    await client.put("/configurations", settings);
}

/** Whether Harbor refused because it is in read-only mode. */
export function isReadOnly(error: unknown): boolean {
    return hasStatus(error, 403) && error.reason.includes("read only mode");
}

/** Whether Harbor refused because its environment defines the settings, not because of missing rights. */
export function isFromEnvironment(error: unknown): boolean {
    return hasStatus(error, 403) && error.reason.includes("CONFIG_OVERWRITE_JSON");
}
