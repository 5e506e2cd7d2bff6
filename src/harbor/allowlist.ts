import type { HarborClient } from "./client";
import { object, objects, requiredText } from "./json";

/** CVE ids that all projects overlook which have no list of their own. */
export async function getSystemAllowlist(client: HarborClient): Promise<string[]> {
    const list = object((await client.get("/system/CVEAllowlist")).body, "CVE allow-list");
    return objects(list["items"], "items").map((item) => requiredText(item, "cve_id"));
}
