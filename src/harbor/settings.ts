import type { HarborClient } from "./client";
import { hasStatus } from "./error";
import { type Json, object, text } from "./json";

/** What we read of Harbor's system configuration. */
export interface SystemSettings {
    readonly robotNamePrefix: string | undefined;
}

/** Harbor's system configuration; undefined when this login may not see it. */
export async function getSystemSettings(client: HarborClient): Promise<SystemSettings | undefined> {
    try {
        const settings = object((await client.get("/configurations")).body, "configurations");
        return { robotNamePrefix: settingOf(settings, "robot_name_prefix") };
    } catch (error) {
        if (hasStatus(error, 401, 403)) return undefined;
        throw error;
    }
}

// Each setting is {"value": …, "editable": …}.
function settingOf(settings: Json, key: string): string | undefined {
    const setting = settings[key];
    return setting === undefined ? undefined : text(object(setting, key), "value");
}
