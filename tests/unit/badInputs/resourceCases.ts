import type { Bag } from "../../../src/provider/values";
import { placeholder } from "../../../src/text/placeholder";

/** Inputs of one resource that the provider refuses. */
export interface ResourceCase {
    /** Inputs without a fault. */
    readonly base: Bag;
    /** Unusable values of the right type, by leaf: one for each check of a property. */
    readonly values?: Readonly<Record<string, readonly unknown[]>>;
    /** Inputs that are unusable together, with the path of the message. */
    readonly together?: readonly (readonly [path: string, inputs: Bag])[];
}

const digest = `sha256:${"d".repeat(64)}`;
const long = "x".repeat(300);
const schedules = ["", "0 0 * *", "99 * * * * *", "Dialy"];
const weak = ["short", "no-digit-Here", "no-upper-case-1"];
const permission = {
    kind: "project",
    namespace: "shop",
    accesses: [{ resource: "repository", action: "pull" }],
};
const ldap = { authMode: "ldap_auth", ldapUrl: "ldap://l", ldapBaseDn: "dc=x", ldapUid: "cn" };
const rule = { repoMatching: "**", tagMatching: "**", mostRecentlyPushed: 3 };

/** One case for each resource, by the name in its token. */
export const resourceCases: Readonly<Record<string, ResourceCase>> = {
    configAuth: {
        base: { authMode: "db_auth" },
        values: {
            authMode: ["", "saml"],
            oidcEndpoint: ["dex.example.com"],
            oidcScope: ["email"],
            ldapScope: ["-1", "all"],
            ldapGroupScope: ["-1", "all"],
        },
        together: [
            ["ldapUrl", { ...ldap, ldapUrl: "" }],
            ["oidcName", { authMode: "oidc_auth" }],
            [
                "oidcClientSecretWo",
                {
                    authMode: "oidc_auth",
                    oidcClientSecret: "first-secret",
                    oidcClientSecretWo: "second-secret",
                },
            ],
        ],
    },
    configSecurity: {
        base: { cveAllowlists: ["CVE-2024-0001"] },
        values: { expiresAt: [-1, 1.5] },
    },
    configSystem: {
        base: {},
        values: {
            projectCreationRestriction: ["", "nobody"],
            robotTokenExpiration: [0, 1.5],
            tokenExpiration: [0, -1],
            sessionTimeout: [0],
            storagePerProject: [0, -2, 2 ** 60],
            "bannerMessage.type": ["error"],
        },
        together: [["auditLogForwardEndpoint", { skipAuditLogDatabase: true }]],
    },
    garbageCollection: {
        base: { schedule: "Daily" },
        values: { schedule: schedules, workers: [0, 11] },
    },
    group: {
        base: { groupName: "dev", groupType: 3 },
        values: { groupName: [""], groupType: [0, 4] },
        together: [["ldapGroupDn", { groupName: "dev", groupType: 1 }]],
    },
    imageSignature: {
        base: { reference: `h.example.com/shop/fm@${digest}`, publicKey: placeholder },
        values: { reference: ["", "h.example.com/shop/fm:1"], publicKey: ["", "a key"] },
    },
    immutableTagRule: {
        base: { projectId: "/projects/7", repoMatching: "**", tagMatching: "v*" },
        values: { projectId: ["", "shop"] },
        together: [
            ["repoMatching", { projectId: "/projects/7", tagMatching: "v*" }],
            [
                "tagMatching",
                {
                    projectId: "/projects/7",
                    repoMatching: "**",
                    tagMatching: "v*",
                    tagExcluding: "x",
                },
            ],
        ],
    },
    interrogationServices: {
        base: { vulnerabilityScanPolicy: "Daily" },
        values: { vulnerabilityScanPolicy: schedules },
    },
    label: {
        base: { name: "stable" },
        values: { name: ["", long], color: [long], projectId: ["shop"] },
    },
    preheatInstance: {
        base: { vendor: "dragonfly", endpoint: "https://p2p.example.com" },
        values: {
            name: ["", "a b"],
            vendor: ["", "dragon"],
            endpoint: ["", "p2p.example.com"],
            authMode: ["", "BASCI"],
        },
        together: [
            [
                "username",
                { vendor: "kraken", endpoint: "https://p2p.example.com", authMode: "BASIC" },
            ],
            ["token", { vendor: "kraken", endpoint: "https://p2p.example.com", authMode: "OAUTH" }],
        ],
    },
    project: {
        base: { name: "shop" },
        values: {
            name: ["", "Shop", long],
            storageQuota: [0, -2, 2 ** 60],
            deploymentSecurity: ["hihg"],
            proxySpeedKb: [0, 1.5],
        },
        together: [
            ["proxySpeedKb", { name: "shop", proxySpeedKb: 5 }],
            ["proxyCacheLocalOnNotFound", { name: "shop", proxyCacheLocalOnNotFound: true }],
        ],
    },
    projectMemberGroup: {
        base: { projectId: "/projects/7", role: "guest", type: "oidc", groupName: "dev" },
        values: { projectId: ["", "shop"], role: ["", "admin"], type: ["", "saml"] },
        together: [["groupName", { projectId: "/projects/7", role: "guest", type: "oidc" }]],
    },
    projectMemberUser: {
        base: { projectId: "/projects/7", role: "guest", userName: "jane" },
        values: { projectId: ["", "shop"], role: ["", "admin"], userName: [""] },
    },
    projectWebhook: {
        base: {
            projectId: "/projects/7",
            notifyType: "http",
            address: "https://hook.example.com",
            eventsTypes: ["PUSH_ARTIFACT"],
        },
        values: {
            name: [""],
            projectId: ["shop"],
            notifyType: ["", "htpp"],
            address: ["", "hook.example.com"],
            eventsTypes: [[], ["PUSH"], [""]],
            payloadFormat: ["cloudevents"],
        },
        together: [
            [
                "payloadFormat",
                {
                    projectId: "/projects/7",
                    notifyType: "slack",
                    address: "https://hook.example.com",
                    eventsTypes: ["PUSH_ARTIFACT"],
                    payloadFormat: "CloudEvents",
                },
            ],
        ],
    },
    purgeAuditLog: {
        base: { schedule: "Daily", auditRetentionHour: 24, includeEventTypes: "create_artifact" },
        values: { schedule: schedules, auditRetentionHour: [0, 1.5, 1e9] },
        together: [["includeEventTypes", { schedule: "Daily", auditRetentionHour: 24 }]],
    },
    registry: {
        base: { providerName: "harbor", endpointUrl: "https://other.example.com" },
        values: {
            name: [""],
            providerName: ["", "dockerhub"],
            endpointUrl: ["", "other.example.com"],
        },
    },
    replication: {
        base: { action: "push", registryId: 1 },
        values: {
            name: ["", long],
            action: ["", "pul"],
            registryId: [0, 1.5],
            schedule: ["0 0 * *", "Dialy", "* * * * * *"],
            "filters[].resource": ["imgae"],
            "filters[].decoration": ["match"],
            destNamespace: ["Shop"],
            destNamespaceReplace: [-2, 1.5],
            speed: [-2, 1.5],
        },
        together: [
            [
                "singleActiveReplication",
                {
                    action: "push",
                    registryId: 1,
                    schedule: "event_based",
                    singleActiveReplication: true,
                },
            ],
            ["filters[0]", { action: "push", registryId: 1, filters: [{}] }],
            [
                "filters[0].decoration",
                {
                    action: "push",
                    registryId: 1,
                    filters: [{ name: "shop/**", decoration: "excludes" }],
                },
            ],
        ],
    },
    retentionPolicy: {
        base: { scope: "/projects/7", rules: [rule] },
        values: {
            scope: ["", "shop"],
            schedule: ["0 0 * *", "Dialy"],
            "rules[].mostRecentlyPushed": [0, 1.5],
            "rules[].mostRecentlyPulled": [0],
            "rules[].nDaysSinceLastPush": [0],
            "rules[].nDaysSinceLastPull": [0],
            "rules[].repoMatching": [""],
            "rules[].repoExcluding": [""],
            "rules[].tagMatching": [""],
            "rules[].tagExcluding": [""],
        },
        together: [
            ["rules", { scope: "/projects/7", rules: [] }],
            ["rules[0]", { scope: "/projects/7", rules: [{ ...rule, alwaysRetain: true }] }],
            ["rules[0]", { scope: "/projects/7", rules: [{ ...rule, tagExcluding: "x" }] }],
            ["rules[0]", { scope: "/projects/7", rules: [{ alwaysRetain: true }] }],
        ],
    },
    robotAccount: {
        base: { level: "project", permissions: [permission] },
        values: {
            name: ["", "CI"],
            level: ["", "projcet"],
            "permissions[].kind": ["", "global"],
            "permissions[].namespace": ["", "Shop", "/projects/7", "*"],
            "permissions[].accesses[].resource": ["repo"],
            "permissions[].accesses[].action": ["psuh"],
            "permissions[].accesses[].effect": ["maybe"],
            duration: [0, -2, 1.5],
            secret: weak,
            secretWo: weak,
        },
        together: [
            ["permissions", { level: "project", permissions: [] }],
            ["permissions", { level: "project", permissions: [permission, permission] }],
            [
                "permissions[0].accesses",
                { level: "project", permissions: [{ ...permission, accesses: [] }] },
            ],
            [
                "permissions[0].kind",
                { level: "project", permissions: [{ ...permission, kind: "system" }] },
            ],
            [
                "permissions[0].namespace",
                { level: "system", permissions: [{ ...permission, kind: "system" }] },
            ],
            [
                "secretWo",
                {
                    level: "project",
                    permissions: [permission],
                    secret: "Chosen-passw0rd1",
                    secretWo: "Chosen-passw0rd1",
                },
            ],
            [
                "secretWoVersion",
                { level: "project", permissions: [permission], secretWo: "Chosen-passw0rd1" },
            ],
            ["secretWo", { level: "project", permissions: [permission], secretWoVersion: 2 }],
        ],
    },
    stamp: { base: { triggers: {}, values: {} } },
    tasks: {
        base: { vulnerabilityScanPolicy: "Daily" },
        values: { vulnerabilityScanPolicy: schedules },
    },
    user: {
        base: {
            username: "jane",
            fullName: "Jane",
            email: "jane@example.com",
            password: "Chosen-passw0rd1",
        },
        values: {
            username: ["", "a,b", long],
            email: ["", "jane"],
            password: weak,
            passwordWo: weak,
        },
        together: [
            ["password", { username: "jane", fullName: "Jane", email: "jane@example.com" }],
            [
                "passwordWo",
                {
                    username: "jane",
                    fullName: "Jane",
                    email: "jane@example.com",
                    password: "Chosen-passw0rd1",
                    passwordWo: "Chosen-passw0rd1",
                },
            ],
        ],
    },
    verifiedCache: {
        base: {
            triggers: { slice: "1" },
            references: ["h.example.com/shop/fm/cache:main"],
            publicKeys: [placeholder],
        },
        values: { references: [[""], ["h.example.com/shop/fm"]], publicKeys: [[""], ["a key"]] },
    },
};

/** The provider's configuration, in the form of a resource. */
export const configurationCase: ResourceCase = {
    base: { url: "https://harbor.example.com", username: "admin", password: "x" },
    values: {
        url: ["harbor.example.com", "ftp://h.example.com", "https://", "https://h.example.com/x?y"],
        apiVersion: [1, 3],
    },
    together: [
        ["password", { url: "https://harbor.example.com", username: "admin" }],
        ["username", { url: "https://harbor.example.com", password: "x" }],
        ["usrname", { url: "https://harbor.example.com", usrname: "admin" }],
    ],
};

/** Environment variables of the provider that it refuses, with the property of the message. */
export const environmentCases: readonly (readonly [property: string, env: NodeJS.ProcessEnv])[] = [
    ["url", { HARBOR_URL: "harbor.example.com" }],
    ["url", { HARBOR_URL: "ftp://harbor.example.com" }],
    ["password", { HARBOR_URL: "https://harbor.example.com", HARBOR_USERNAME: "admin" }],
    ["username", { HARBOR_URL: "https://harbor.example.com", HARBOR_PASSWORD: "x" }],
    ["insecure", { HARBOR_URL: "https://harbor.example.com", HARBOR_IGNORE_CERT: "maybe" }],
];
