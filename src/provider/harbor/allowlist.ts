import type { HarborClient } from "../../harbor/client";
import { number, object, objects, requiredText, text } from "../../harbor/json";

/** CVE ids that every project without its own list ignores. */
export interface SystemAllowlist {
    readonly ids: readonly string[];
    /** Seconds since 1970; undefined for never. */
    readonly expiresAt: number | undefined;
    /** RFC 3339. */
    readonly creationTime: string;
    readonly updateTime: string;
}

const path = "/system/CVEAllowlist";

export async function getSystemAllowlist(client: HarborClient): Promise<SystemAllowlist> {
    const list = object((await client.get(path)).body, "CVE allow-list");
    return {
        ids: objects(list["items"], "items").map((item) => requiredText(item, "cve_id")),
        expiresAt: number(list, "expires_at"),
        creationTime: text(list, "creation_time") ?? "",
        updateTime: text(list, "update_time") ?? "",
    };
}

export async function setSystemAllowlist(
    client: HarborClient,
    list: Pick<SystemAllowlist, "ids" | "expiresAt">,
): Promise<void> {
    await client.put(path, {
        items: list.ids.map((id) => ({ cve_id: id })),
        expires_at: list.expiresAt,
    });
}
