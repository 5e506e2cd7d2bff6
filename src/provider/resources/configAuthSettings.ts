import { flag, type Json, number, text } from "../../harbor/json";
import type { Properties, Values } from "../property";
import type { Bag } from "../values";
import { configAuthProperties, toAuthMode } from "./configAuthProperties";

/** Checked inputs of `harbor.ConfigAuth`. */
export type Inputs = Values<typeof configAuthProperties>;
type Key = keyof Inputs;
type Names = Readonly<Partial<Record<Key, string>>>;

/** Harbor's names of the properties that Harbor returns, by login method. */
const names: Readonly<Record<string, Names>> = {
    db_auth: {},
    oidc_auth: {
        oidcName: "oidc_name",
        oidcEndpoint: "oidc_endpoint",
        oidcClientId: "oidc_client_id",
        oidcScope: "oidc_scope",
        oidcUserClaim: "oidc_user_claim",
        oidcGroupsClaim: "oidc_groups_claim",
        oidcGroupFilter: "oidc_group_filter",
        oidcAdminGroup: "oidc_admin_group",
        oidcAutoOnboard: "oidc_auto_onboard",
        oidcLogout: "oidc_logout",
        oidcVerifyCert: "oidc_verify_cert",
    },
    ldap_auth: {
        ldapUrl: "ldap_url",
        ldapBaseDn: "ldap_base_dn",
        ldapUid: "ldap_uid",
        ldapVerifyCert: "ldap_verify_cert",
        ldapSearchDn: "ldap_search_dn",
        ldapFilter: "ldap_filter",
        ldapScope: "ldap_scope",
        ldapGroupBaseDn: "ldap_group_base_dn",
        ldapGroupFilter: "ldap_group_search_filter",
        ldapGroupGid: "ldap_group_attribute_name",
        ldapGroupAdminDn: "ldap_group_admin_dn",
        ldapGroupMembership: "ldap_group_membership_attribute",
        ldapGroupScope: "ldap_group_search_scope",
    },
};

/** Scopes of a search, by Harbor's numbers. */
const scopes = ["base", "onelevel", "subtree"];
const scopeKeys: readonly string[] = ["ldapScope", "ldapGroupScope"];
const properties: Properties = configAuthProperties;

/** Settings of the chosen login method; the settings of other methods stay unchanged. */
export function toSettings(inputs: Inputs, olds: Bag): Json {
    const mode = toAuthMode(inputs.authMode);
    const own = Object.entries(names[mode] ?? {}).flatMap(([key, name]) => {
        const value = toSetting(key, inputs[key as Key]); // a key of `names`
        return value === undefined ? [] : [[name, value] as const];
    });
    return {
        auth_mode: mode,
        primary_auth_mode: inputs.primaryAuthMode,
        ...Object.fromEntries(own),
        ...secretSettings(mode, inputs, olds),
    };
}

function toSetting(key: string, value: unknown): unknown {
    if (scopeKeys.includes(key)) return scopes.indexOf(String(value));
    if (value !== undefined || properties[key]?.unmanaged) return value;
    return properties[key]?.type === "boolean" ? false : "";
}

// Given secrets are sent. A secret that the program no longer gives is removed. A secret that neither
// the program nor the state has stays.
function secretSettings(mode: string, inputs: Inputs, olds: Bag): Json {
    const taken = (key: Key): string | undefined => inputs[key]?.toString() || formerly(key, olds);
    if (mode === "ldap_auth") return { ldap_search_password: taken("ldapSearchPassword") };
    if (mode !== "oidc_auth") return {};
    const { oidcClientSecretWo, oidcClientSecretWoVersion } = inputs;
    if (!oidcClientSecretWo) return { oidc_client_secret: taken("oidcClientSecret") };
    const isNew = oidcClientSecretWoVersion !== olds["oidcClientSecretWoVersion"];
    return { oidc_client_secret: isNew ? oidcClientSecretWo : undefined };
}

function formerly(key: Key, olds: Bag): "" | undefined {
    return olds[key] ? "" : undefined;
}

/** Outputs after a read. Outputs of login methods other than Harbor's current one stay. */
export function fromSettings(settings: Json, prior: Bag): Bag {
    const authMode = text(settings, "auth_mode") ?? "";
    const outputs: Record<string, unknown> = {
        authMode,
        primaryAuthMode: flag(settings, "primary_auth_mode"),
    };
    for (const [mode, keys] of Object.entries(names)) {
        for (const [key, name] of Object.entries(keys)) {
            outputs[key] = mode === authMode ? fromSetting(settings, key, name) : prior[key];
        }
    }
    return outputs;
}

function fromSetting(settings: Json, key: string, name: string): unknown {
    if (scopeKeys.includes(key)) return scopes[number(settings, name) ?? 2];
    if (properties[key]?.type !== "boolean") return text(settings, name);
    return flag(settings, name);
}

/** Properties of one login method, with that method. */
export const methodOf: ReadonlyMap<string, string> = new Map([
    ...Object.entries(names).flatMap(([mode, keys]) =>
        Object.keys(keys).map((key) => [key, mode] as const),
    ),
    ["oidcClientSecret", "oidc_auth"],
    ["oidcClientSecretWo", "oidc_auth"],
    ["oidcClientSecretWoVersion", "oidc_auth"],
    ["ldapSearchPassword", "ldap_auth"],
]);
