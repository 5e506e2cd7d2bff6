import type { HarborClient } from "./client";
import { object, text } from "./json";

/** Harbor's version as numbers, such as [2, 15, 2]; undefined when Harbor does not return it. */
export async function getVersion(client: HarborClient): Promise<readonly number[] | undefined> {
    const info = object((await client.get("/systeminfo")).body, "systeminfo");
    const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text(info, "harbor_version") ?? "");
    return match ? match.slice(1).map(Number) : undefined;
}
