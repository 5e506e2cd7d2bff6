import type { Properties } from "../property";
import { oneOf } from "../rules";

/** Ways to log in, with the bridged provider's short names for them. */
const modes: Readonly<Record<string, string>> = { ldap: "ldap_auth", oidc: "oidc_auth" };
const modeRule = oneOf("db_auth", "ldap_auth", "oidc_auth");
const scope = oneOf("base", "onelevel", "subtree");

/** Harbor's name of a way to log in. */
export function toAuthMode(mode: string): string {
    return modes[mode] ?? mode;
}

const oidc = {
    oidcName: { type: "string", description: "Name of the OIDC provider, as users see it." },
    oidcEndpoint: {
        type: "string",
        check: (value: string) =>
            value === "" || /^https?:\/\/[^/\s]+\S*$/.test(value)
                ? undefined
                : `"${value}" is no address, expecting https://…`,
        description: "Address of the OIDC provider.",
    },
    oidcClientId: { type: "string", description: "Id of Harbor at the OIDC provider." },
    oidcClientSecret: {
        type: "string",
        secret: true,
        local: true,
        description: "Secret of `oidcClientId`. Harbor never tells it.",
    },
    oidcClientSecretWo: {
        type: "string",
        secret: true,
        writeOnly: true,
        description:
            "Secret of `oidcClientId` that is not kept among the outputs. Sent again when `oidcClientSecretWoVersion` changes.",
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
                : `"${value}" lacks "openid", without which there is no login`,
        description: "Scopes to ask for, with commas between; `openid` is one.",
    },
    oidcUserClaim: { type: "string", description: "Claim that is the user name. Default: name." },
    oidcGroupsClaim: { type: "string", description: "Claim that lists groups. Default: none." },
    oidcGroupFilter: {
        type: "string",
        description: "Pattern of groups that Harbor takes over. Default: all.",
    },
    oidcAdminGroup: {
        type: "string",
        description: "Group whose members are system administrators. Default: none.",
    },
    oidcAutoOnboard: {
        type: "boolean",
        description: "Whether users get their user name without being asked. Default: false.",
    },
    oidcLogout: {
        type: "boolean",
        default: false,
        description:
            "Whether logging out of Harbor logs out at the OIDC provider too. Harbor 2.13 and newer. Default: false.",
    },
    oidcVerifyCert: {
        type: "boolean",
        unmanaged: true,
        description:
            "Whether the OIDC provider's certificate is verified. Default: as it is in Harbor, which verifies it at first.",
    },
} as const satisfies Properties;

const ldap = {
    ldapUrl: { type: "string", description: "Address of the LDAP server." },
    ldapBaseDn: { type: "string", description: "Where users are looked up." },
    ldapUid: { type: "string", description: "Attribute that is the user name, such as `uid`." },
    ldapVerifyCert: {
        type: "boolean",
        default: false,
        description:
            "Whether the LDAP server's certificate is verified. Default: false, as with the bridged provider; set it to true.",
    },
    ldapSearchDn: { type: "string", description: "Who looks users up. Default: anybody." },
    ldapSearchPassword: {
        type: "string",
        secret: true,
        local: true,
        description: "Password of `ldapSearchDn`. Harbor never tells it.",
    },
    ldapFilter: { type: "string", description: "Filter of users. Default: all." },
    ldapScope: {
        type: "string",
        default: "subtree",
        check: scope,
        description:
            "How deep users are looked up: `base`, `onelevel` or `subtree`. Default: subtree.",
    },
    ldapGroupBaseDn: { type: "string", description: "Where groups are looked up." },
    ldapGroupFilter: { type: "string", description: "Filter of groups. Default: all." },
    ldapGroupGid: { type: "string", description: "Attribute that names a group, such as `cn`." },
    ldapGroupAdminDn: {
        type: "string",
        description: "Group whose members are system administrators. Default: none.",
    },
    ldapGroupMembership: {
        type: "string",
        default: "memberof",
        description: "Attribute of a user that lists groups. Default: memberof.",
    },
    ldapGroupScope: {
        type: "string",
        default: "subtree",
        check: scope,
        description:
            "How deep groups are looked up: `base`, `onelevel` or `subtree`. Default: subtree.",
    },
    ldapGroupUid: {
        type: "string",
        local: true,
        description:
            "Without effect: Harbor has no such setting, and the bridged provider sent none.",
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
            "How users log in: `db_auth`, `ldap_auth` or `oidc_auth`. Harbor changes it only while it has no users but the administrator.",
    },
    primaryAuthMode: {
        type: "boolean",
        default: false,
        description:
            "Whether the portal offers LDAP or OIDC before Harbor's own users. Harbor 2.8 and newer. Default: false.",
    },
    ...oidc,
    ...ldap,
} as const satisfies Properties;
