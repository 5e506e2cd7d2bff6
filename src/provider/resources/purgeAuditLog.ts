import { number, text } from "../../harbor/json";
import type { Failure } from "../failure";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { wholeNumber } from "../rules";
import { scheduleProperty, systemSchedule } from "./systemSchedule";

/** 24 hours, and Harbor's own upper bound of 240 000 hours. */
const hoursMax = 240_000;

/** A comma-separated list, in any order and spacing. */
function sortedWords(value: string): string {
    return value
        .split(",")
        .map((word) => word.trim())
        .filter((word) => word !== "")
        .sort()
        .join(",");
}

const properties = {
    schedule: scheduleProperty,
    auditRetentionHour: {
        type: "number",
        required: true,
        check: wholeNumber(1, hoursMax),
        description: "Minimum age of deleted entries, in hours.",
    },
    includeEventTypes: {
        type: "string",
        normalize: sortedWords,
        description:
            "Event types whose entries are deleted, separated by commas, such as `create_artifact,delete_artifact`. Harbor 2.13 and newer.",
    },
    includeOperations: {
        type: "string",
        normalize: sortedWords,
        description:
            "Operations whose entries are deleted, separated by commas: `create`, `delete`, `pull`. Harbor before 2.13.",
    },
} as const satisfies Properties;

/** `harbor.PurgeAuditLog`: the only schedule on which Harbor deletes old entries of the audit log. */
export const purgeAuditLog = resource({
    token: "harbor:index/purgeAuditLog:PurgeAuditLog",
    description:
        "The schedule on which Harbor deletes old entries of its audit log. Harbor has one such schedule, so declare it once. Needs a system administrator.",
    idAlias: "purgeAuditLogId",
    properties,
    check(inputs, unknown): Failure[] {
        const given = (key: "includeEventTypes" | "includeOperations") =>
            Boolean(inputs[key]) || unknown.has(key);
        if (given("includeEventTypes") || given("includeOperations")) return [];
        return [
            {
                property: "includeEventTypes",
                reason: "is missing: without it (or includeOperations, before Harbor 2.13) nothing is ever deleted",
            },
        ];
    },
    ...systemSchedule<Values<typeof properties>>("purgeaudit", {
        scheduleOf: (inputs) => inputs.schedule,
        parametersOf: (inputs) => ({
            audit_retention_hour: inputs.auditRetentionHour,
            include_event_types: inputs.includeEventTypes,
            include_operations: inputs.includeOperations,
            dry_run: false,
        }),
        outputsOf: (schedule, parameters) => ({
            schedule,
            auditRetentionHour: number(parameters, "audit_retention_hour"),
            includeEventTypes: text(parameters, "include_event_types"),
            includeOperations: text(parameters, "include_operations"),
        }),
    }),
});
