import type { HarborClient } from "../../harbor/client";
import {
    flag,
    type Json,
    number,
    object,
    objects,
    requiredNumber,
    requiredText,
    text,
} from "../../harbor/json";
import { type Created, createOnce, type Found } from "../../harbor/once";
import { idFromLocation } from "../../harbor/project";

/** One condition of a replication filter. */
export interface ReplicationFilter {
    /** `name`, `tag`, `label` or `resource`. */
    readonly type: string;
    /** A pattern, or the names of labels. */
    readonly value: string | readonly string[];
    /** `matches` or `excludes`, for tags and labels. */
    readonly decoration: string | undefined;
}

/** When a policy replicates. */
export interface ReplicationTrigger {
    /** `manual`, `scheduled` or `event_based`. */
    readonly type: string;
    /** Six cron fields, seconds first; only for `scheduled`. */
    readonly cron: string | undefined;
}

/** The writable members of a replication policy. */
export interface ReplicationSettings {
    readonly name: string;
    readonly description: string;
    /** Whether Harbor pushes to the other registry or pulls from it. */
    readonly action: "push" | "pull";
    /** The other registry. */
    readonly registryId: number;
    readonly destinationNamespace: string;
    /** Number of components of a repository's name that the namespace replaces. */
    readonly replaceCount: number;
    readonly trigger: ReplicationTrigger;
    readonly filters: readonly ReplicationFilter[];
    readonly deletion: boolean;
    readonly override: boolean;
    readonly enabled: boolean;
    /** Limit of each task, in KiB per second; 0 is unlimited. */
    readonly speedKb: number;
    readonly copyByChunk: boolean;
    readonly singleActive: boolean;
}

/** A replication policy in Harbor. */
export interface ReplicationPolicy extends ReplicationSettings {
    readonly id: number;
    readonly createdMs: number;
}

/** Reads a replication policy; undefined when missing. */
export async function getReplicationPolicy(
    client: HarborClient,
    id: number,
): Promise<ReplicationPolicy | undefined> {
    const found = await client.find(policyPath(id), "policy");
    return found && parsePolicy(found);
}

/** The replication policy with exactly this name; undefined when missing. */
export async function findReplicationPolicy(
    client: HarborClient,
    name: string,
): Promise<Found<ReplicationPolicy> | undefined> {
    const q = `name=${encodeURIComponent(name)}`;
    const answer = await client.get("/replication/policies", { q });
    const value = objects(answer.body, "policies")
        .map(parsePolicy)
        .find((policy) => policy.name === name);
    return value && { value, createdMs: value.createdMs, serverTimeMs: answer.serverTimeMs };
}

/** Creates a replication policy and returns its id. */
export async function createReplicationPolicy(
    client: HarborClient,
    settings: ReplicationSettings,
): Promise<Created<number>> {
    return createOnce({
        post: () => client.post("/replication/policies", policyBody(settings)),
        fromAnswer: idFromLocation,
        find: async () => {
            const found = await findReplicationPolicy(client, settings.name);
            return found && { ...found, value: found.value.id };
        },
    });
}

/** Replaces a whole replication policy, as Harbor requires. */
export async function updateReplicationPolicy(
    client: HarborClient,
    id: number,
    settings: ReplicationSettings,
): Promise<void> {
    await client.put(policyPath(id), policyBody(settings));
}

/** Runs a replication policy once, now. */
export async function startReplication(client: HarborClient, policyId: number): Promise<void> {
    await client.post("/replication/executions", { policy_id: policyId });
}

function policyPath(id: number): string {
    return `/replication/policies/${id}`;
}

function policyBody(settings: ReplicationSettings): Json {
    const other = { id: settings.registryId };
    const { type, cron } = settings.trigger;
    return {
        name: settings.name,
        description: settings.description,
        ...(settings.action === "pull" ? { src_registry: other } : { dest_registry: other }),
        dest_namespace: settings.destinationNamespace,
        dest_namespace_replace_count: settings.replaceCount,
        trigger: { type, ...(cron === undefined ? {} : { trigger_settings: { cron } }) },
        filters: settings.filters,
        // Older Harbor versions read the old name.
        deletion: settings.deletion,
        replicate_deletion: settings.deletion,
        override: settings.override,
        enabled: settings.enabled,
        speed: settings.speedKb,
        copy_by_chunk: settings.copyByChunk,
        single_active_replication: settings.singleActive,
    };
}

function parsePolicy(json: Json): ReplicationPolicy {
    const source = registryOf(json, "src_registry");
    const trigger = json["trigger"] ? object(json["trigger"], "trigger") : {};
    const settings = trigger["trigger_settings"]
        ? object(trigger["trigger_settings"], "trigger_settings")
        : {};
    return {
        id: requiredNumber(json, "id"),
        name: requiredText(json, "name"),
        description: text(json, "description") ?? "",
        // Harbor itself has the number 0, or is absent.
        action: source === 0 ? "push" : "pull",
        registryId: source || registryOf(json, "dest_registry"),
        destinationNamespace: text(json, "dest_namespace") ?? "",
        replaceCount: number(json, "dest_namespace_replace_count") ?? -1,
        trigger: { type: text(trigger, "type") ?? "manual", cron: text(settings, "cron") },
        filters: objects(json["filters"], "filters").map(parseFilter),
        deletion: flag(json, "replicate_deletion") || flag(json, "deletion"),
        override: flag(json, "override"),
        enabled: flag(json, "enabled"),
        speedKb: number(json, "speed") ?? 0,
        copyByChunk: flag(json, "copy_by_chunk"),
        singleActive: flag(json, "single_active_replication"),
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}

function registryOf(json: Json, key: "src_registry" | "dest_registry"): number {
    return json[key] ? (number(object(json[key], key), "id") ?? 0) : 0;
}

function parseFilter(json: Json): ReplicationFilter {
    const { value } = json;
    return {
        type: requiredText(json, "type"),
        value: Array.isArray(value) ? value.map(String) : (text(json, "value") ?? ""),
        decoration: text(json, "decoration"),
    };
}
