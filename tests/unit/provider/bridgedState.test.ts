import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PluginClient } from "../../support/pluginClient";

// What the Terraform bridge keeps: every property of a nested object, with 0, "" and false for what
// was not given, and notes of its own.
const cases = {
    "harbor:index/retentionPolicy:RetentionPolicy": {
        olds: {
            scope: "/projects/7",
            schedule: "Daily",
            rules: [
                {
                    alwaysRetain: false,
                    disabled: false,
                    mostRecentlyPulled: 0,
                    mostRecentlyPushed: 5,
                    nDaysSinceLastPull: 0,
                    nDaysSinceLastPush: 0,
                    repoExcluding: "",
                    repoMatching: "**",
                    tagExcluding: "",
                    tagMatching: "**",
                    untaggedArtifacts: true,
                },
            ],
        },
        news: {
            scope: "/projects/7",
            schedule: "Daily",
            rules: [{ mostRecentlyPushed: 5, repoMatching: "**", tagMatching: "**" }],
        },
    },
    "harbor:index/robotAccount:RobotAccount": {
        olds: {
            name: "ci",
            level: "project",
            description: "",
            disable: false,
            duration: -1,
            fullName: "robot$shop+ci",
            robotId: "3",
            secret: "Generated1",
            secretWoVersion: 0,
            permissions: [
                {
                    kind: "project",
                    namespace: "shop",
                    accesses: [
                        { action: "pull", effect: "", resource: "repository" },
                        { action: "push", effect: "", resource: "repository" },
                    ],
                },
            ],
        },
        news: {
            name: "ci",
            level: "project",
            permissions: [
                {
                    kind: "project",
                    namespace: "shop",
                    accesses: [
                        { action: "push", resource: "repository" },
                        { action: "pull", resource: "repository" },
                    ],
                },
            ],
        },
    },
    "harbor:index/label:Label": {
        olds: { name: "prod", color: "false", description: "", projectId: "", scope: "g" },
        news: { name: "prod" },
    },
    "harbor:index/immutableTagRule:ImmutableTagRule": {
        olds: {
            projectId: "/projects/7",
            disabled: false,
            repoExcluding: "",
            repoMatching: "**",
            tagExcluding: "",
            tagMatching: "v*",
        },
        news: { projectId: "/projects/7", repoMatching: "**", tagMatching: "v*" },
    },
    "harbor:index/projectMemberUser:ProjectMemberUser": {
        olds: { projectId: "/projects/7", role: "developer", userName: "alice" },
        news: { projectId: "/projects/7", role: "developer", userName: "alice" },
    },
    "harbor:index/registry:Registry": {
        olds: {
            name: "hub",
            providerName: "docker-hub",
            endpointUrl: "https://hub.docker.com",
            accessId: "",
            accessSecret: "",
            caCertificate: "",
            description: "",
            insecure: false,
            registryId: 5,
            status: "healthy",
        },
        news: { name: "hub", providerName: "docker-hub", endpointUrl: "https://hub.docker.com" },
    },
    "harbor:index/purgeAuditLog:PurgeAuditLog": {
        olds: {
            schedule: "Daily",
            auditRetentionHour: 24,
            includeEventTypes: "",
            includeOperations: "create,delete",
        },
        news: { schedule: "Daily", auditRetentionHour: 24, includeOperations: "create,delete" },
    },
    "harbor:index/replication:Replication": {
        olds: {
            name: "alpine",
            action: "pull",
            registryId: 3,
            schedule: "0 0/15 * * * *",
            description: "",
            destNamespace: "",
            destNamespaceReplace: 0,
            enabled: true,
            override: true,
            deletion: false,
            copyByChunk: false,
            singleActiveReplication: false,
            executeOnChanged: false,
            speed: -1,
            replicationPolicyId: 7,
            filters: [
                { decoration: "", labels: [], name: "library/alpine", resource: "", tag: "" },
                { decoration: "", labels: [], name: "", resource: "", tag: "3.*.*" },
                { decoration: "", labels: [], name: "", resource: "artifact", tag: "" },
                { decoration: "", labels: ["qa"], name: "", resource: "", tag: "" },
            ],
        },
        news: {
            name: "alpine",
            action: "pull",
            registryId: 3,
            schedule: "0 0/15 * * * *",
            filters: [
                { name: "library/alpine" },
                { tag: "3.*.*" },
                { resource: "artifact" },
                { labels: ["qa"] },
            ],
        },
    },
    "harbor:index/preheatInstance:PreheatInstance": {
        olds: {
            name: "p2p",
            vendor: "dragonfly",
            endpoint: "http://p2p.example.com",
            authMode: "NONE",
            username: "",
            password: "",
            token: "",
            description: "",
            enabled: true,
            default: false,
            insecure: false,
        },
        news: { name: "p2p", vendor: "dragonfly", endpoint: "http://p2p.example.com" },
    },
    "harbor:index/configAuth:ConfigAuth": {
        olds: {
            authMode: "oidc_auth",
            primaryAuthMode: true,
            oidcName: "azure",
            oidcEndpoint: "https://login.example.com/v2.0",
            oidcClientId: "harbor",
            oidcClientSecret: "Oidc-Secret-1",
            oidcClientSecretWoVersion: 0,
            oidcScope: "openid,email",
            oidcVerifyCert: false,
            oidcAutoOnboard: false,
            oidcGroupFilter: "",
            oidcLogout: false,
            ldapGroupMembership: "memberof",
            ldapGroupScope: "subtree",
            ldapScope: "subtree",
            ldapVerifyCert: false,
            ldapUrl: "",
        },
        news: {
            authMode: "oidc_auth",
            primaryAuthMode: true,
            oidcName: "azure",
            oidcEndpoint: "https://login.example.com/v2.0",
            oidcClientId: "harbor",
            oidcClientSecret: "Oidc-Secret-1",
            oidcScope: "openid,email",
        },
    },
    "harbor:index/interrogationServices:InterrogationServices": {
        olds: { defaultScanner: "trivy", vulnerabilityScanPolicy: "daily" },
        news: { defaultScanner: "Trivy", vulnerabilityScanPolicy: "Daily" },
    },
    "harbor:index/tasks:Tasks": {
        olds: { vulnerabilityScanPolicy: "daily", tasksId: "Ab3dEf6hIj9lMn2" },
        news: { vulnerabilityScanPolicy: "daily" },
    },
};

describe("state of the bridged provider", () => {
    let plugin: PluginClient;
    before(async () => {
        plugin = await PluginClient.start();
    });
    after(() => plugin.close());

    for (const [type, { olds, news }] of Object.entries(cases)) {
        test(`shows no difference for state of ${type.split(":")[2]} and the same program`, async () => {
            const notes = { __meta: '{"schema_version":"0"}', __pulumi_raw_state_delta: {} };
            const inputs = { __defaults: [], ...news };
            const checked = await plugin.check(type, news, { olds: inputs });
            assert.deepEqual(checked.failures, {});
            const diff = await plugin.diff(type, { ...notes, ...olds }, checked.inputs, inputs);
            assert.deepEqual(diff.detailed, {});
        });
    }
});
