import { projectIdProperty } from "../ids";
import type { ObjectType, Properties } from "../property";
import { wholeNumber } from "../rules";
import { scheduleRule, toCron } from "../schedule";

const count = wholeNumber(1, 2 ** 31 - 1);

function pattern(value: string): string | undefined {
    return value === "" ? "is empty; expected a pattern such as **" : undefined;
}

/** Maximum number of rules in one policy. */
const rulesMax = 15;

const rule = {
    name: "RetentionPolicyRule",
    description:
        "A rule that keeps artifacts by one of five measures, in matching repositories and with matching tags.",
    properties: {
        disabled: {
            type: "boolean",
            default: false,
            description: "Whether the rule is disabled. Default: false.",
        },
        mostRecentlyPushed: {
            type: "number",
            check: count,
            description: "Keeps this many of the most recently pushed artifacts.",
        },
        mostRecentlyPulled: {
            type: "number",
            check: count,
            description: "Keeps this many of the most recently pulled artifacts.",
        },
        nDaysSinceLastPush: {
            type: "number",
            check: count,
            description: "Keeps artifacts pushed within this many days.",
        },
        nDaysSinceLastPull: {
            type: "number",
            check: count,
            description: "Keeps artifacts pulled within this many days.",
        },
        alwaysRetain: {
            type: "boolean",
            description: "Keeps all matching artifacts.",
        },
        repoMatching: {
            type: "string",
            check: pattern,
            description: "Repositories that the rule covers, as a doublestar pattern such as `**`.",
        },
        repoExcluding: {
            type: "string",
            check: pattern,
            description: "Repositories that the rule does not cover.",
        },
        tagMatching: {
            type: "string",
            check: pattern,
            description: "Tags that the rule covers, as a doublestar pattern such as `v*`.",
        },
        tagExcluding: {
            type: "string",
            check: pattern,
            description: "Tags that the rule does not cover.",
        },
        untaggedArtifacts: {
            type: "boolean",
            default: true,
            description: "Whether untagged artifacts match, too. Default: true.",
        },
    },
} as const satisfies ObjectType;

/** Inputs of `harbor.RetentionPolicy`. */
export const retentionPolicyProperties = {
    scope: projectIdProperty,
    schedule: {
        type: "string",
        check: scheduleRule,
        normalize: toCron,
        description:
            "When retention runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first. Default: only when started manually.",
    },
    rules: {
        type: { list: rule },
        required: true,
        check: (value: readonly unknown[]) =>
            value.length >= 1 && value.length <= rulesMax
                ? undefined
                : `has ${value.length} rules; expected 1 to ${rulesMax}`,
        description: "Rules of the policy, 1 to 15. Harbor keeps an artifact that any rule keeps.",
    },
} satisfies Properties;
