import type { ReplicationTrigger } from "../../harbor/replication";
import { suggestion } from "../nearest";
import type { Properties } from "../property";
import { oneOf, wholeNumber } from "../rules";
import { scheduleRule, toCron } from "../schedule";
import { replicationFilter, singleFilters } from "./replicationFilters";

const nameLengthMax = 256;
const int32Max = 2 ** 31 - 1;
/** Harbor keeps the count in eight bits. */
const replaceCountMax = 127;
/** What starts a replication besides a schedule. */
export const manual = "manual";
export const eventBased = "event_based";
const words = [manual, eventBased, "Hourly", "Daily", "Weekly"];

/** Names of repositories: reference.NameRegexp of distribution, without a host. */
const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const namespace = new RegExp(`^${component}(?:/${component})*$`);

/** Inputs and outputs of `harbor.Replication`. */
export const replicationProperties = {
    name: {
        type: "string",
        autoNamed: true,
        check: (value: string) =>
            value.length >= 1 && value.length <= nameLengthMax
                ? undefined
                : `has ${value.length} characters, expecting 1 to ${nameLengthMax}`,
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
            "When it replicates: `manual`; `event_based`, at every push, for a policy that pushes; `Hourly`, `Daily`, `Weekly`; or six cron fields with seconds (0) first, whose minutes are not `*`. Default: manual.",
    },
    filters: {
        type: { list: replicationFilter, unordered: true },
        normalize: singleFilters,
        description: "What is replicated: what all filters match. Default: everything.",
    },
    destNamespace: {
        type: "string",
        check: (value: string) =>
            value === "" || namespace.test(value)
                ? undefined
                : `"${value}" is no namespace, expecting lower-case letters and digits with single separators between, such as shop/mirror`,
        description: "Project, and path below it, to put things into. Default: the source's.",
    },
    destNamespaceReplace: {
        type: "number",
        default: 0,
        check: wholeNumber(-1, replaceCountMax),
        description:
            "How many components of a repository's path `destNamespace` takes the place of; -1 of all but the last. Default: 0.",
    },
    description: {
        type: "string",
        description: "What the policy is for.",
    },
    enabled: {
        type: "boolean",
        default: true,
        description: "Whether it replicates. Default: true.",
    },
    override: {
        type: "boolean",
        default: true,
        description: "Whether it replaces what has the same name. Default: true.",
    },
    deletion: {
        type: "boolean",
        default: false,
        description:
            "Whether what is deleted here is deleted there too; with `event_based`. Default: false.",
    },
    speed: {
        type: "number",
        default: -1,
        check: wholeNumber(-1, int32Max),
        // Harbor keeps 0 for what is unlimited.
        normalize: (value: number) => (value <= 0 ? -1 : value),
        description: "Limit for each task, in KB a second; -1 is none. Default: -1.",
    },
    copyByChunk: {
        type: "boolean",
        default: false,
        description: "Whether blobs are sent in chunks. Default: false.",
    },
    singleActiveReplication: {
        type: "boolean",
        default: false,
        description:
            "Whether a run is left out while the one before still goes on; not with `event_based`. Harbor 2.14 and newer. Default: false.",
    },
    executeOnChanged: {
        type: "boolean",
        default: false,
        local: true,
        description:
            "Whether it replicates once whenever it was made or changed here. Default: false.",
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
        return `"${schedule}" is no schedule, expecting manual, event_based, Hourly, Daily, Weekly or six cron fields, seconds first${suggestion(schedule, words)}`;
    }
    const reason = scheduleRule(schedule);
    if (reason || when.split(" ")[1] !== "*") return reason;
    return `"${schedule}" has "*" for minutes, which Harbor refuses for a replication`;
}

/** The trigger that a schedule stands for. */
export function toTrigger(schedule: string): ReplicationTrigger {
    const when = toSchedule(schedule);
    if (when === manual || when === eventBased) return { type: when, cron: undefined };
    return { type: "scheduled", cron: when };
}

/** The schedule that stands for a trigger. */
export function fromTrigger({ type, cron }: ReplicationTrigger): string {
    return type === "scheduled" ? (cron ?? "") : type;
}
