import type { Api, Call, Reply } from "./core/api";
import { badRequest } from "./core/fault";
import { boolean, int64, string, struct } from "./core/goJson";
import { requireLogin, requireSystem } from "./core/policy";
import { hiddenSettings, settingDefaults } from "./core/settings";
import { checkLimit } from "./quotas";

const shapes = { string: string(), number: int64, boolean };

const shape = struct("Configurations", {
    ...Object.fromEntries(hiddenSettings.map((name) => [name, shapes.string])),
    ...Object.fromEntries(
        Object.entries(settingDefaults).map(([name, value]) => {
            const kind = typeof value;
            return [name, kind === "number" || kind === "boolean" ? shapes[kind] : shapes.string];
        }),
    ),
});

/** Harbor's types NonEmptyStringType, LdapScopeType and AuthModeType: src/lib/config/metadata. */
const required = ["ldap_base_dn", "ldap_uid", "ldap_url"];
const scopes = ["ldap_scope", "ldap_group_search_scope"];
const authModes = ["db_auth", "ldap_auth", "uaa_auth", "http_auth", "oidc_auth"];
const positive = ["robot_token_duration", "token_expiration", "session_timeout"];

function check(name: string, value: unknown): void {
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
    const item = `bad request: item name ${name}`;
    if (required.includes(name) && String(value).trim() === "") {
        throw badRequest(`${item}: the configure value can not be empty`);
    }
    if (scopes.includes(name) && ![0, 1, 2].includes(Number(value))) {
        throw badRequest(`${item}: invalid scope, should be 0, 1 or 2`);
    }
    if (name === "auth_mode" && !authModes.includes(String(value))) {
        // Harbor's own spelling.
        throw badRequest(`${item}: invalid auth_mode, shoud be one of ${authModes.join(", ")}`);
    }
}

function checkAuthMode(call: Call, value: unknown): void {
    if (value !== call.services.settings.value("auth_mode") && hasUsers(call)) {
        throw badRequest(
            "the auth mode cannot be modified as new users have been inserted into database",
        );
    }
}

/** The login method can change only while the administrator is the only user. */
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
    if (body["auth_mode"] !== undefined) {
        checkAuthMode(call, body["auth_mode"]);
    }
    for (const [name, value] of Object.entries(body)) {
        check(name, value);
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
