import type { Api, Call, Reply } from "./core/api";
import { badRequest } from "./core/fault";
import { boolean, int64, string, struct } from "./core/goJson";
import { requireLogin, requireSystem } from "./core/policy";
import { settingDefaults } from "./core/settings";
import { checkLimit } from "./quotas";

const shapes = { string: string(), number: int64, boolean };

const shape = struct(
    "Configurations",
    Object.fromEntries(
        Object.entries(settingDefaults).map(([name, value]) => {
            const kind = typeof value;
            return [name, kind === "number" || kind === "boolean" ? shapes[kind] : shapes.string];
        }),
    ),
);

const positive = ["robot_token_duration", "token_expiration", "session_timeout"];

function check(call: Call, name: string, value: unknown): void {
    if (positive.includes(name) && Number(value) <= 0) {
        throw badRequest(`the ${name} value must be positive`);
    }
    if (name === "storage_per_project") {
        checkLimit(Number(value), "bad request: ");
    }
    if (
        name === "project_creation_restriction" &&
        !["adminonly", "everyone"].includes(String(value))
    ) {
        throw badRequest(
            "bad request: item name project_creation_restriction: invalid project_creation_restriction, should be adminonly or everyone",
        );
    }
    if (name === "auth_mode" && value !== call.services.settings.value(name)) {
        throw badRequest(
            "the auth mode cannot be modified as new users have been inserted into database",
        );
    }
}

/** The login method can be changed only as long as there are no users but the administrator. */
const hasUsers = (call: Call): boolean => call.services.store.of("users").size > 1;

function read(call: Call): Reply {
    requireLogin(call.account);
    requireSystem(call.account, "configuration", "read");
    const { settings } = call.services;
    const entries = Object.keys(settingDefaults).map((name) => {
        const editable = name !== "auth_mode" || !hasUsers(call);
        return [name, { editable, value: settings.value(name) }] as const;
    });
    return { json: { ...Object.fromEntries(entries), scan_all_policy: {} } };
}

function write(call: Call): Reply {
    const body: Readonly<Record<string, unknown>> = call.body("configurations", shape);
    requireSystem(call.account, "configuration", "update");
    const { store, settings } = call.services;
    for (const [name, value] of Object.entries(body)) {
        check(call, name, value);
    }
    store.transaction(() => {
        for (const [name, value] of Object.entries(body)) {
            settings.set(name, value);
        }
    });
    return {};
}

export function configurationRoutes(api: Api): void {
    api.on("GET", "/configurations", read);
    api.on("PUT", "/configurations", write);
}
