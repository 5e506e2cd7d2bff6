/**
 * The records of the sandbox. Times are ISO strings in UTC with milliseconds, as Harbor prints
 * them.
 */

export interface User {
    readonly id: number;
    readonly username: string;
    readonly email: string;
    readonly realname: string;
    readonly comment: string;
    readonly password: string;
    readonly sysadmin: boolean;
    readonly created: string;
    readonly updated: string;
}

export interface UserGroup {
    readonly id: number;
    readonly name: string;
    readonly type: number;
    readonly ldapDn: string;
}

interface CveAllowlist {
    readonly items: readonly { readonly cve_id: string }[];
    readonly expires_at?: number;
}

export interface Project {
    readonly id: number;
    readonly name: string;
    readonly ownerId: number;
    readonly registryId: number | undefined;
    readonly metadata: Readonly<Record<string, string>>;
    readonly allowlistId: number;
    readonly allowlist: CveAllowlist | undefined;
    readonly created: string;
    readonly updated: string;
}

/** Role 1 administrator, 2 developer, 3 guest, 4 maintainer, 5 limited guest. */
export interface Member {
    readonly id: number;
    readonly projectId: number;
    readonly entityType: "u" | "g";
    readonly entityId: number;
    readonly roleId: number;
}

export interface Quota {
    readonly id: number;
    readonly projectId: number;
    readonly hardBytes: number;
    readonly usedBytes: number;
    readonly created: string;
    readonly updated: string;
}

export interface Access {
    readonly resource: string;
    readonly action: string;
    readonly effect?: string;
}

export interface Permission {
    readonly kind: "project" | "system";
    /** A project's id, `*` for every project, `/` for the system. */
    readonly scope: number | "*" | "/";
    readonly access: readonly Access[];
}

export interface Robot {
    readonly id: number;
    /** `project+name`, or `name` for a system robot; the prefix is added in answers. */
    readonly storedName: string;
    readonly projectId: number;
    readonly description: string;
    readonly durationDays: number;
    readonly expiresAt: number;
    readonly disabled: boolean;
    readonly secret: string;
    readonly permissions: readonly Permission[];
    readonly creatorRef: number;
    readonly creatorType: "local" | "robot";
    readonly created: string;
    readonly updated: string;
}

export interface Repository {
    readonly id: number;
    readonly projectId: number;
    readonly name: string;
    readonly description: string;
    readonly pulls: number;
    readonly created: string;
    readonly updated: string;
}

export interface ChildReference {
    readonly digest: string;
    readonly platform: Readonly<Record<string, unknown>> | undefined;
    readonly annotations: Readonly<Record<string, string>> | undefined;
    readonly urls: readonly string[] | undefined;
}

export interface Artifact {
    readonly id: number;
    readonly projectId: number;
    readonly repositoryId: number;
    readonly digest: string;
    readonly type: string;
    readonly size: number;
    readonly manifestSize: number;
    readonly mediaType: string;
    readonly manifestMediaType: string;
    readonly artifactType: string;
    readonly annotations: Readonly<Record<string, string>> | undefined;
    readonly extraAttrs: Readonly<Record<string, unknown>> | undefined;
    readonly history: readonly unknown[];
    readonly children: readonly ChildReference[];
    /** Every blob of the artifact, including its manifest. */
    readonly blobs: readonly string[];
    readonly subjectDigest: string | undefined;
    readonly accessoryType: string | undefined;
    readonly labelIds: readonly number[];
    /** Status of the vulnerability scan; absent without a scan. */
    readonly scanStatus?: "Pending" | "Running" | "Error";
    readonly pushed: string;
    readonly pulled: string;
}

export interface Tag {
    readonly id: number;
    readonly repositoryId: number;
    readonly artifactId: number;
    readonly name: string;
    readonly pushed: string;
    readonly pulled: string;
}

/** A blob in the registry; `id` is its digest. */
interface Blob {
    readonly id: string;
    readonly size: number;
}

/** A blob counted in a project; `id` is `project:digest`. */
interface ProjectBlob {
    readonly id: string;
    readonly projectId: number;
    readonly digest: string;
}

export interface Label {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly color: string;
    readonly scope: "g" | "p";
    readonly projectId: number;
    readonly created: string;
    readonly updated: string;
}

export interface Selector {
    readonly kind?: string;
    readonly decoration?: string;
    readonly pattern?: string;
    readonly extras?: string;
}

export interface ImmutableRule {
    readonly id: number;
    readonly projectId: number;
    readonly disabled: boolean;
    readonly action: string;
    readonly template: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly tagSelectors: readonly Selector[];
    readonly scopeSelectors: Readonly<Record<string, readonly Selector[]>>;
    /** Content of the rule, to recognise duplicates. */
    readonly content: string;
}

export interface RetentionRule {
    readonly id: number;
    readonly priority: number;
    readonly disabled: boolean;
    readonly action: string;
    readonly template: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly tagSelectors: readonly Selector[];
    readonly scopeSelectors: Readonly<Record<string, readonly Selector[]>>;
}

export interface RetentionPolicy {
    readonly id: number;
    readonly projectId: number;
    readonly algorithm: string;
    readonly rules: readonly RetentionRule[];
    readonly scopeLevel: string;
    readonly triggerKind: string;
    readonly triggerSettings: Readonly<Record<string, unknown>>;
    readonly triggerReferences: Readonly<Record<string, unknown>>;
}

export interface RetentionTask {
    readonly id: number;
    readonly executionId: number;
    readonly repository: string;
    readonly status: string;
    readonly started: string;
    readonly ended: string;
    readonly total: number;
    readonly retained: number;
    readonly log: string;
}

export interface Execution {
    readonly id: number;
    readonly vendor: "RETENTION" | "GARBAGE_COLLECTION" | "PURGE_AUDIT_LOG" | "WEBHOOK";
    readonly vendorId: number;
    readonly trigger: "MANUAL" | "SCHEDULE" | "EVENT";
    readonly dryRun: boolean;
    readonly status: string;
    readonly started: string;
    readonly ended: string;
    readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Webhook {
    readonly id: number;
    readonly projectId: number;
    readonly name: string;
    readonly description: string;
    readonly enabled: boolean;
    readonly events: readonly string[];
    readonly targets: readonly WebhookTarget[];
    readonly creator: string;
    readonly created: string;
    readonly updated: string;
}

export interface WebhookTarget {
    readonly type: string;
    readonly address: string;
    readonly auth_header: string;
    readonly skip_cert_verify: boolean;
    readonly payload_format: string;
}

export interface RemoteRegistry {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly type: string;
    readonly url: string;
    readonly insecure: boolean;
    readonly credentialType: string;
    readonly accessKey: string;
    readonly accessSecret: string;
    readonly created: string;
    readonly updated: string;
}

export interface ReplicationFilter {
    readonly type: string;
    /** A text, or a list of labels. */
    readonly value: unknown;
    readonly decoration: string;
}

export interface ReplicationPolicy {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    /** The source registry, or 0 for Harbor itself. */
    readonly sourceId: number;
    readonly destinationId: number;
    readonly destinationNamespace: string;
    readonly replaceCount: number;
    readonly trigger: { readonly type: string; readonly cron: string | undefined } | undefined;
    readonly filters: readonly ReplicationFilter[];
    readonly deletion: boolean;
    readonly override: boolean;
    readonly enabled: boolean;
    readonly speedKb: number;
    readonly copyByChunk: boolean;
    readonly singleActive: boolean;
    readonly created: string;
    readonly updated: string;
}

export interface PreheatInstance {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly vendor: string;
    readonly endpoint: string;
    readonly authMode: string;
    readonly authInfo: Readonly<Record<string, string>>;
    readonly enabled: boolean;
    readonly isDefault: boolean;
    readonly insecure: boolean;
    readonly setUpSeconds: number;
}

/** A vulnerability scanner; `id` is its UUID. */
export interface Scanner {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly url: string;
    readonly auth: string;
    readonly credential: string;
    readonly skipCertVerify: boolean;
    readonly useInternalAddress: boolean;
    readonly disabled: boolean;
    readonly isDefault: boolean;
    readonly created: string;
    readonly updated: string;
}

/** The scanner chosen for a project, whose number is `id`. */
interface ProjectScanner {
    readonly id: number;
    readonly scannerId: string;
}

/** A schedule of the system; `id` is its vendor. */
export interface Schedule {
    readonly id: "GARBAGE_COLLECTION" | "PURGE_AUDIT_LOG" | "SCAN_ALL";
    readonly number: number;
    readonly type: string;
    readonly cron: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly created: string;
}

/** One value of the system configuration that differs from its default; `id` is its name. */
interface Setting {
    readonly id: string;
    readonly value: unknown;
}

/** The one system-wide CVE allowlist. */
interface SystemAllowlist extends CveAllowlist {
    readonly id: 1;
    readonly number: number;
    readonly created: string;
}

/** The order in which permissions were first used; `id` is scope, resource, action and effect. */
interface PolicyOrder {
    readonly id: string;
    readonly number: number;
}

/** Kinds of records and their shapes. */
export interface Kinds {
    users: User;
    userGroups: UserGroup;
    projects: Project;
    allowlists: { id: number };
    members: Member;
    quotas: Quota;
    robots: Robot;
    policies: PolicyOrder;
    repositories: Repository;
    artifacts: Artifact;
    tags: Tag;
    blobs: Blob;
    projectBlobs: ProjectBlob;
    labels: Label;
    immutableRules: ImmutableRule;
    retentionPolicies: RetentionPolicy;
    retentionTasks: RetentionTask;
    executions: Execution;
    webhooks: Webhook;
    registries: RemoteRegistry;
    replicationPolicies: ReplicationPolicy;
    preheatInstances: PreheatInstance;
    scanners: Scanner;
    projectScanners: ProjectScanner;
    schedules: Schedule;
    settings: Setting;
    systemAllowlist: SystemAllowlist;
}

/** Go's zero time, which Harbor shows for events that have not happened. */
export const zeroTime = "0001-01-01T00:00:00.000Z";

export const now = (): string => new Date().toISOString();
