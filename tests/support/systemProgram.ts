/** Inputs that replace the program's, by logical name. */
export type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Logical names of the resources of {@link systemProgram}. */
export const systemNames = ["login", "p2p", "pull", "push", "scans", "upstream"] as const;

/** Secrets in {@link systemProgram}. */
export const systemSecrets = ["Oidc-Secret-1", "Preheat-Secret-1"];

/**
 * A program with replications, a preheat instance and the resources that exist once per Harbor.
 * `upstream` is the address of a Harbor; a scanner called Tester must be registered.
 */
export function systemProgram(upstream: string, changes: Changes = {}): string {
    return `
import * as harbor from "@pulumi/harbor";

const change: Record<string, object> = ${JSON.stringify(changes)};

const registry = new harbor.Registry("upstream", {
    name: "upstream",
    providerName: "harbor",
    endpointUrl: "${upstream}",
    insecure: true,
});
new harbor.Replication("pull", {
    name: "pull",
    action: "pull",
    registryId: registry.registryId,
    schedule: "0 0/15 * * * *",
    description: "mirror",
    destNamespace: "mirror/hub",
    destNamespaceReplace: 1,
    speed: 512,
    copyByChunk: true,
    singleActiveReplication: true,
    filters: [
        { name: "library/alpine" },
        { tag: "3.*.*", decoration: "excludes" },
        { resource: "artifact" },
        { labels: ["qa", "ok"] },
    ],
    ...change["pull"],
});
new harbor.Replication("push", {
    name: "push",
    action: "push",
    registryId: registry.registryId,
    schedule: "event_based",
    deletion: true,
    override: false,
    ...change["push"],
});
new harbor.InterrogationServices("scans", {
    defaultScanner: "tester",
    vulnerabilityScanPolicy: "Daily",
    ...change["scans"],
});
new harbor.PreheatInstance("p2p", {
    name: "p2p",
    vendor: "dragonfly",
    endpoint: "http://p2p.example.com",
    authMode: "BASIC",
    username: "u",
    password: "Preheat-Secret-1",
    description: "peers",
    default: true,
    ...change["p2p"],
});
new harbor.ConfigAuth("login", {
    authMode: "oidc_auth",
    primaryAuthMode: true,
    oidcName: "azure",
    oidcEndpoint: "https://login.example.com/v2.0",
    oidcClientId: "harbor",
    oidcClientSecret: "Oidc-Secret-1",
    oidcScope: "openid,email",
    oidcVerifyCert: true,
    oidcAutoOnboard: true,
    oidcUserClaim: "name",
    oidcAdminGroup: "administrators",
    ...change["login"],
});
`;
}
