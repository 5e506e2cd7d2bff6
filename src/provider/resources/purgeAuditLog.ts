import type { HarborClient } from "../../harbor/client";
import { number, text } from "../../harbor/json";
import {
    getSystemSchedule,
    removeSystemSchedule,
    setSystemSchedule,
} from "../../harbor/systemSchedule";
import type { Failure } from "../failure";
import { onlyId } from "../ids";
import type { Properties, Values } from "../property";
import { resource, type State } from "../resource";
import { wholeNumber } from "../rules";
import { fromCron, scheduleRule, scheduleType, toCron } from "../schedule";

const id = "/system/purgeaudit/schedule";
/** 24 hours, and Harbor's own upper bound of 240 000 hours. */
const hoursMax = 240_000;

/** A list in one text, in any order and spacing. */
function sortedWords(value: string): string {
    return value
        .split(",")
        .map((word) => word.trim())
        .filter((word) => word !== "")
        .sort()
        .join(",");
}

const properties = {
    schedule: {
        type: "string",
        required: true,
        check: (value: string) => (value.trim() === "" ? "is empty" : scheduleRule(value)),
        normalize: toCron,
        description:
            "When it runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first.",
    },
    auditRetentionHour: {
        type: "number",
        required: true,
        check: wholeNumber(1, hoursMax),
        description: "Entries older than this many hours are deleted.",
    },
    includeEventTypes: {
        type: "string",
        normalize: sortedWords,
        description:
            "Which events' entries are deleted, with commas between, such as `create_artifact,delete_artifact`. Harbor 2.13 and newer.",
    },
    includeOperations: {
        type: "string",
        normalize: sortedWords,
        description:
            "Which operations' entries are deleted, with commas between: `create`, `delete`, `pull`. Harbor before 2.13.",
    },
} as const satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.PurgeAuditLog`: when old entries of the audit log are deleted. Harbor has one such schedule. */
export const purgeAuditLog = resource({
    token: "harbor:index/purgeAuditLog:PurgeAuditLog",
    description:
        "The schedule on which Harbor deletes old entries of its audit log. There is one in all of Harbor, so declare it once. Needs a system administrator.",
    idAlias: "purgeAuditLogId",
    properties,
    identity: [],
    importForms: id,
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
    create: (inputs, { client }) => write(inputs, client),
    async read(asked, _prior, { client }) {
        onlyId(asked, id);
        const found = await getSystemSchedule(client, "purgeaudit");
        if (!found) return undefined;
        return {
            id,
            outputs: {
                schedule: fromCron(found.cron),
                auditRetentionHour: number(found.parameters, "audit_retention_hour"),
                includeEventTypes: text(found.parameters, "include_event_types"),
                includeOperations: text(found.parameters, "include_operations"),
            },
        };
    },
    update: (_id, inputs, _olds, { client }) => write(inputs, client),
    delete: (_id, _olds, { client }) => removeSystemSchedule(client, "purgeaudit"),
});

async function write(inputs: Inputs, client: HarborClient): Promise<State> {
    await setSystemSchedule(client, "purgeaudit", {
        type: scheduleType(inputs.schedule),
        cron: toCron(inputs.schedule),
        parameters: {
            audit_retention_hour: inputs.auditRetentionHour,
            include_event_types: inputs.includeEventTypes,
            include_operations: inputs.includeOperations,
            dry_run: false,
        },
    });
    return { id, outputs: {} };
}
