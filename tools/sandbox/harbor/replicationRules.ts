import type { ReplicationFilter, ReplicationPolicy } from "./core/model";
import { cronFault } from "./cron";

/** The writable fields of a policy. */
export type PolicyContent = Omit<ReplicationPolicy, "id" | "created" | "updated">;

/** Names of repositories: reference.NameRegexp of distribution, without a host. */
const namespace =
    /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

/** Why Harbor refuses a policy: Policy.Validate of src/controller/replication/model. */
export function checkPolicy(policy: PolicyContent): string | undefined {
    if (policy.name === "") {
        return "empty name";
    }
    if ((policy.sourceId === 0) === (policy.destinationId === 0)) {
        return "either src_registry or dest_registry should be empty and the other one shouldn't be empty";
    }
    const filter = policy.filters.map(checkFilter).find((fault) => fault !== undefined);
    if (filter !== undefined) {
        return filter;
    }
    const { destinationNamespace } = policy;
    if (destinationNamespace !== "" && !namespace.test(destinationNamespace)) {
        return `invalid destination namespace: ${destinationNamespace}`;
    }
    return policy.trigger && checkTrigger(policy.trigger.type, policy.trigger.cron ?? "");
}

/** Filter.Validate of src/pkg/reg/model. */
function checkFilter({ type, value, decoration }: ReplicationFilter): string | undefined {
    if (type === "label") {
        if (!Array.isArray(value) || value.some((label) => typeof label !== "string")) {
            return "the type of label filter value isn't string slice";
        }
    } else if (["resource", "name", "tag"].includes(type)) {
        if (typeof value !== "string") {
            return "the type of filter value isn't string";
        }
        if (type === "resource" && value !== "artifact" && value !== "image") {
            return `invalid resource filter: ${value}`;
        }
        if (type !== "tag" && decoration !== "") {
            return "only tag and label filter support decoration";
        }
    } else {
        return "invalid filter type";
    }
    return ["", "matches", "excludes"].includes(decoration)
        ? undefined
        : `invalid filter decoration, :${decoration}`;
}

function checkTrigger(type: string, cron: string): string | undefined {
    if (type === "manual" || type === "event_based") {
        return undefined;
    }
    if (type !== "scheduled") {
        return "invalid trigger type";
    }
    if (cron === "") {
        return "the cron string cannot be empty when the trigger type is scheduled";
    }
    if (cronFault(cron) !== undefined) {
        return `invalid cron string for scheduled trigger: ${cron}`;
    }
    return cron.trim().split(/\s+/)[1] === "*"
        ? "* is not allowed for the Minutes field of the cron setting of replication policy"
        : undefined;
}
