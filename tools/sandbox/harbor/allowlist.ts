import type { Api, Call, Reply } from "./core/api";
import { now, zeroTime } from "./core/model";
import { requireLogin, requireSystem } from "./core/policy";
import { allowlistShape } from "./projectShape";

function read(call: Call): Reply {
    requireLogin(call.account);
    const found = call.services.store.of("systemAllowlist").get(1);
    if (found === undefined) {
        return { json: { creation_time: zeroTime, items: [], update_time: zeroTime } };
    }
    return {
        json: {
            creation_time: found.created,
            ...(found.expires_at === undefined ? {} : { expires_at: found.expires_at }),
            id: found.number,
            items: found.items,
            update_time: found.created,
        },
    };
}

function write(call: Call): Reply {
    const body = call.body("allowlist", allowlistShape);
    requireSystem(call.account, "configuration", "update");
    const { store } = call.services;
    store.of("systemAllowlist").put({
        id: 1,
        number: store.of("systemAllowlist").get(1)?.number ?? store.nextId("allowlists"),
        items: (body.items ?? []).map(({ cve_id = "" }) => ({ cve_id })),
        ...(body.expires_at === undefined ? {} : { expires_at: body.expires_at }),
        created: now(),
    });
    return {};
}

/** The system's list of ignored vulnerabilities. */
export function allowlistRoutes(api: Api): void {
    api.on("GET", "/system/CVEAllowlist", read);
    api.on("PUT", "/system/CVEAllowlist", write);
}
