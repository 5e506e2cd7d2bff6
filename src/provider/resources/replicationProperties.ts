import { suggestion } from "../../text/nearest";
import type { ReplicationTrigger } from "../harbor/replication";
import type { Properties } from "../property";
import { oneOf, textLength, wholeNumber } from "../rules";
import { scheduleRule, toCron } from "../schedule";
import { replicationFilter, singleFilters } from "./replicationFilters";

const nameLengthMax = 256;
const int32Max = 2 ** 31 - 1;
/** Harbor stores the count in eight bits. */
const replaceCountMax = 127;
/** Triggers of a replication other than a schedule. */
export const manual = "manual";
export const eventBased = "event_based";
const words = [manual, eventBased, "Hourly", "Daily", "Weekly"];

/** Names of repositories: reference.NameRegexp of distribution, without a host. */
const namespace = /^[a-z0-9]+(?:(?:[./_]|__|-+)[a-z0-9]+)*$/;

/** Inputs and outputs of `harbor.Replication`. */
export const replicationProperties = {
    name: {
        type: "string",
        autoNamed: true,
        check: textLength(nameLengthMax),
        description: "Name of the policy. Default: the logical name and seven random digits.",
    },
    action: {
        type: "string",
        required: true,
        replace: true,
        check: oneOf("push", "pull"),
        description: "`push` to the other registry, or `pull` from it.",
    },
    registryId: {
        type: "number",
        required: true,
        check: wholeNumber(1, Number.MAX_SAFE_INTEGER),
        description: "Number of the other registry: `registryId` of a harbor.Registry.",
    },
    schedule: {
        type: "string",
        default: manual,
        check: triggerRule,
        normalize: toSchedule,
        description:
            "When the policy runs: `manual`; `event_based`, at every push, for a policy that pushes; `Hourly`, `Daily`, `Weekly`; or six cron fields with seconds (0) first and minutes other than `*`. Default: manual.",
    },
    filters: {
        type: { list: replicationFilter, unordered: true },
        normalize: singleFilters,
        description:
            "Filters of the replicated artifacts; all filters must match. Default: everything.",
    },
    destNamespace: {
        type: "string",
        check: (value: string) =>
            value === "" || namespace.test(value)
                ? undefined
                : `"${value}" is not a namespace; expected lower-case letters and digits with single separators between, such as shop/mirror`,
        description:
            "Destination project, with an optional path below it. Default: that of the source.",
    },
    destNamespaceReplace: {
        type: "number",
        default: 0,
        check: wholeNumber(-1, replaceCountMax),
        description:
            "Number of components of a repository's path that `destNamespace` replaces; -1 replaces all but the last. Default: 0.",
    },
    description: {
        type: "string",
        description: "Description of the policy.",
    },
    enabled: {
        type: "boolean",
        default: true,
        description: "Whether the policy is enabled. Default: true.",
    },
    override: {
        type: "boolean",
        default: true,
        description:
            "Whether the replication overwrites artifacts with the same name. Default: true.",
    },
    deletion: {
        type: "boolean",
        default: false,
        description:
            "Whether Harbor replicates deletions, too; only with `event_based`. Default: false.",
    },
    speed: {
        type: "number",
        default: -1,
        check: wholeNumber(-1, int32Max),
        // Harbor stores 0 for unlimited.
        normalize: (value: number) => (value <= 0 ? -1 : value),
        description:
            "Bandwidth limit of each task, in KB per second; -1 is unlimited. Default: -1.",
    },
    copyByChunk: {
        type: "boolean",
        default: false,
        description: "Whether Harbor copies blobs in chunks. Default: false.",
    },
    singleActiveReplication: {
        type: "boolean",
        default: false,
        description:
            "Whether Harbor skips a run while the previous run is active; not with `event_based`. Harbor 2.14 and newer. Default: false.",
    },
    executeOnChanged: {
        type: "boolean",
        default: false,
        local: true,
        description:
            "Whether the policy runs once after each creation and update by Pulumi. Default: false.",
    },
    replicationPolicyId: {
        type: "number",
        outputOnly: true,
        description: "Number of the policy.",
    },
} as const satisfies Properties;

function toSchedule(schedule: string): string {
    const word = schedule.trim();
    return word === "" ? manual : word === manual || word === eventBased ? word : toCron(word);
}

function triggerRule(schedule: string): string | undefined {
    const when = toSchedule(schedule);
    if (when === manual || when === eventBased) return undefined;
    if (!when.includes(" ")) {
        return `"${schedule}" is not a schedule; expected manual, event_based, Hourly, Daily, Weekly or six cron fields, seconds first${suggestion(schedule, words)}`;
    }
    const reason = scheduleRule(schedule);
    if (reason || when.split(" ")[1] !== "*") return reason;
    return `"${schedule}" has "*" for minutes, which Harbor refuses for a replication`;
}

/** The trigger of a schedule. */
export function toTrigger(schedule: string): ReplicationTrigger {
    const when = toSchedule(schedule);
    if (when === manual || when === eventBased) return { type: when, cron: undefined };
    return { type: "scheduled", cron: when };
}

/** The schedule of a trigger. */
export function fromTrigger({ type, cron }: ReplicationTrigger): string {
    return type === "scheduled" ? (cron ?? "") : type;
}
