import type { Properties } from "../property";
import { oneOf } from "../rules";

/** Login methods, with the bridged provider's short names. */
const modes: Readonly<Record<string, string>> = { ldap: "ldap_auth", oidc: "oidc_auth" };
const modeRule = oneOf("db_auth", "ldap_auth", "oidc_auth");
const scope = oneOf("base", "onelevel", "subtree");

/** Harbor's name of a login method. */
export function toAuthMode(mode: string): string {
    return modes[mode] ?? mode;
}

const oidc = {
    oidcName: { type: "string", description: "Display name of the OIDC provider." },
    oidcEndpoint: {
        type: "string",
        check: (value: string) =>
            value === "" || /^https?:\/\/[^/\s]\S*$/.test(value)
                ? undefined
                : `"${value}" is not an address; expected https://…`,
        description: "Address of the OIDC provider.",
    },
    oidcClientId: { type: "string", description: "Client id of Harbor at the OIDC provider." },
    oidcClientSecret: {
        type: "string",
        secret: true,
        local: true,
        description: "Secret of `oidcClientId`. Harbor never returns it.",
    },
    oidcClientSecretWo: {
        type: "string",
        secret: true,
        writeOnly: true,
        description:
            "Secret of `oidcClientId` that is not stored in the outputs. Sent again when `oidcClientSecretWoVersion` changes.",
    },
    oidcClientSecretWoVersion: {
        type: "number",
        local: true,
        description: "Change it to send `oidcClientSecretWo` again.",
    },
    oidcScope: {
        type: "string",
        check: (value: string) =>
            value === "" || value.split(/[\s,]+/).includes("openid")
                ? undefined
                : `"${value}" lacks "openid", which is required for logins`,
        description: "Scopes to request, separated by commas; must include `openid`.",
    },
    oidcUserClaim: { type: "string", description: "Claim with the user name. Default: name." },
    oidcGroupsClaim: { type: "string", description: "Claim with the groups. Default: none." },
    oidcGroupFilter: {
        type: "string",
        description: "Pattern of the groups that Harbor imports. Default: all.",
    },
    oidcAdminGroup: {
        type: "string",
        description: "Group whose members are system administrators. Default: none.",
    },
    oidcAutoOnboard: {
        type: "boolean",
        description: "Whether Harbor sets user names without asking the users. Default: false.",
    },
    oidcLogout: {
        type: "boolean",
        default: false,
        description:
            "Whether logging out of Harbor also logs out at the OIDC provider. Harbor 2.13 and newer. Default: false.",
    },
    oidcVerifyCert: {
        type: "boolean",
        unmanaged: true,
        description:
            "Whether Harbor verifies the OIDC provider's certificate. Default: unchanged in Harbor, which initially verifies it.",
    },
} as const satisfies Properties;

const ldap = {
    ldapUrl: { type: "string", description: "Address of the LDAP server." },
    ldapBaseDn: { type: "string", description: "Base DN for the search of users." },
    ldapUid: { type: "string", description: "Attribute with the user name, such as `uid`." },
    ldapVerifyCert: {
        type: "boolean",
        default: false,
        description:
            "Whether Harbor verifies the LDAP server's certificate. Default: false, as in the bridged provider; set it to true.",
    },
    ldapSearchDn: {
        type: "string",
        description: "DN of the account that searches users. Default: anonymous.",
    },
    ldapSearchPassword: {
        type: "string",
        secret: true,
        local: true,
        description: "Password of `ldapSearchDn`. Harbor never returns it.",
    },
    ldapFilter: { type: "string", description: "Filter of users. Default: all." },
    ldapScope: {
        type: "string",
        default: "subtree",
        check: scope,
        description:
            "Scope of the search of users: `base`, `onelevel` or `subtree`. Default: subtree.",
    },
    ldapGroupBaseDn: { type: "string", description: "Base DN for the search of groups." },
    ldapGroupFilter: { type: "string", description: "Filter of groups. Default: all." },
    ldapGroupGid: {
        type: "string",
        description: "Attribute with the name of a group, such as `cn`.",
    },
    ldapGroupAdminDn: {
        type: "string",
        description: "Group whose members are system administrators. Default: none.",
    },
    ldapGroupMembership: {
        type: "string",
        default: "memberof",
        description: "Attribute of a user with the user's groups. Default: memberof.",
    },
    ldapGroupScope: {
        type: "string",
        default: "subtree",
        check: scope,
        description:
            "Scope of the search of groups: `base`, `onelevel` or `subtree`. Default: subtree.",
    },
    ldapGroupUid: {
        type: "string",
        local: true,
        description:
            "Has no effect: Harbor has no such setting, and the bridged provider did not send one.",
    },
} as const satisfies Properties;

/** Inputs of `harbor.ConfigAuth`. */
export const configAuthProperties = {
    authMode: {
        type: "string",
        required: true,
        check: (value: string) => modeRule(toAuthMode(value)),
        normalize: toAuthMode,
        description:
            "Login method: `db_auth`, `ldap_auth` or `oidc_auth`. Harbor changes it only while the administrator is the only user.",
    },
    primaryAuthMode: {
        type: "boolean",
        default: false,
        description:
            "Whether the portal prefers LDAP or OIDC to Harbor's own users. Harbor 2.8 and newer. Default: false.",
    },
    ...oidc,
    ...ldap,
} as const satisfies Properties;
