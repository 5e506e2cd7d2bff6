/** Options of {@link allResources}. */
export interface Everything {
    /** Unique prefix of every name in Harbor. */
    readonly prefix: string;
    /** Address of a registry that Harbor can reach, such as its own. */
    readonly upstream: string;
    /** Whether to declare the schedules that exist once per Harbor. */
    readonly singletons: boolean;
    /** Whether to declare what only a system administrator may create. */
    readonly systemRights: boolean;
}

/** Inputs that replace the program's, by logical name. */
export type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Logical names of the declared resources. */
export function allNames(everything: Everything): readonly string[] {
    return [
        "ci",
        "fixed",
        "hook",
        "keep",
        "label",
        "shop",
        ...(everything.systemRights ? ["cache", "fleet", "member", "person", "upstream"] : []),
        ...(everything.singletons ? ["gc", "purge"] : []),
    ].sort();
}

/** The changes that affect declared resources. */
export function applicable(everything: Everything, changes: Changes): Changes {
    const names = allNames(everything);
    return Object.fromEntries(
        Object.entries(changes)
            .filter(([name]) => names.includes(name))
            .map(([name, { storageQuota, ...inputs }]) => [
                name,
                everything.systemRights && storageQuota !== undefined
                    ? { ...inputs, storageQuota }
                    : inputs,
            ]),
    );
}

/**
 * A program with a resource of every type except those of systemProgram.ts, each with every
 * applicable input.
 */
export function allResources(
    { prefix, upstream, singletons, systemRights }: Everything,
    changes: Changes = {},
): string {
    return `
import * as harbor from "@pulumi/harbor";

const change: Record<string, object> = ${JSON.stringify(changes)};

const shop = new harbor.Project("shop", {
    name: "${prefix}",
    public: true,
    ${systemRights ? "storageQuota: 5," : ""}
    forceDestroy: true,
    vulnerabilityScanning: false,
    autoSbomGeneration: true,
    deploymentSecurity: "high",
    cveAllowlists: ["CVE-2024-0001", "CVE-2024-0002"],
    enableContentTrust: false,
    enableContentTrustCosign: true,
    ...change["shop"],
});
new harbor.RobotAccount("ci", {
    name: "ci",
    level: "project",
    description: "pushes",
    duration: 30,
    permissions: [{
        kind: "project",
        namespace: shop.name,
        accesses: [
            { resource: "repository", action: "push" },
            { resource: "repository", action: "pull" },
        ],
    }],
    ...change["ci"],
});
new harbor.RetentionPolicy("keep", {
    scope: shop.id,
    schedule: "Daily",
    rules: [
        { mostRecentlyPushed: 10, repoMatching: "**", tagMatching: "**" },
        { nDaysSinceLastPull: 30, repoExcluding: "tmp/**", tagExcluding: "dev-*", untaggedArtifacts: false },
        { disabled: true, alwaysRetain: true, repoMatching: "base", tagMatching: "**" },
    ],
    ...change["keep"],
});
new harbor.ImmutableTagRule("fixed", {
    projectId: shop.id,
    repoMatching: "**",
    tagExcluding: "latest",
    disabled: true,
    ...change["fixed"],
});
new harbor.Label("label", {
    name: "${prefix}-label",
    projectId: shop.id,
    color: "#0065AB",
    description: "checked",
    ...change["label"],
});
new harbor.ProjectWebhook("hook", {
    name: "${prefix}-hook",
    projectId: shop.id,
    notifyType: "http",
    payloadFormat: "CloudEvents",
    address: "http://127.0.0.1:9/hook",
    authHeader: "Bearer Webhook-Secret-1",
    eventsTypes: ["PUSH_ARTIFACT", "DELETE_ARTIFACT"],
    description: "tells",
    enabled: false,
    skipCertVerify: false,
    ...change["hook"],
});
${systemRights ? ofTheSystem({ prefix, upstream }) : ""}
${singletons ? schedules : ""}`;
}

const ofTheSystem = ({ prefix, upstream: address }: { prefix: string; upstream: string }) => `
const upstream = new harbor.Registry("upstream", {
    name: "${prefix}-upstream",
    providerName: "harbor",
    endpointUrl: "${address}",
    insecure: true,
    description: "itself",
    ...change["upstream"],
});
new harbor.Project("cache", {
    name: "${prefix}-cache",
    registryId: upstream.registryId,
    proxySpeedKb: 2048,
    forceDestroy: true,
    ...change["cache"],
});
new harbor.RobotAccount("fleet", {
    name: "${prefix}-fleet",
    level: "system",
    disable: true,
    permissions: [
        { kind: "system", namespace: "/", accesses: [{ resource: "project", action: "list" }] },
        { kind: "project", namespace: "*", accesses: [{ resource: "repository", action: "pull" }] },
    ],
    ...change["fleet"],
});
const person = new harbor.User("person", {
    username: "${prefix}-person",
    fullName: "A Person",
    email: "${prefix}@example.com",
    password: "Passw0rd-Of-Person",
    comment: "no one",
    ...change["person"],
});
new harbor.ProjectMemberUser("member", {
    projectId: shop.id,
    userName: person.username,
    role: "developer",
    ...change["member"],
});
`;

const schedules = `
new harbor.GarbageCollection("gc", {
    schedule: "Weekly",
    deleteUntagged: true,
    workers: 3,
    ...change["gc"],
});
new harbor.PurgeAuditLog("purge", {
    schedule: "0 30 2 * * *",
    auditRetentionHour: 48,
    includeEventTypes: "create_artifact,delete_artifact",
    ...change["purge"],
});
`;
