import { canonicalProjectId, projectIdRule } from "../ids";
import type { ObjectType, Properties } from "../property";
import { wholeNumber } from "../rules";
import { scheduleRule, toCron } from "../schedule";

const count = wholeNumber(1, 2 ** 31 - 1);

function pattern(value: string): string | undefined {
    return value === "" ? "is empty, expecting a pattern such as **" : undefined;
}

/** Most rules that Harbor takes in one policy. */
const rulesMax = 15;

const rule = {
    name: "RetentionPolicyRule",
    description: "What is kept: one of the five measures, of the repositories and tags that match.",
    properties: {
        disabled: {
            type: "boolean",
            default: false,
            description: "Whether the rule is left out. Default: false.",
        },
        mostRecentlyPushed: {
            type: "number",
            check: count,
            description: "Keeps this many artifacts, the last ones pushed.",
        },
        mostRecentlyPulled: {
            type: "number",
            check: count,
            description: "Keeps this many artifacts, the last ones pulled.",
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
            description: "Keeps all of them.",
        },
        repoMatching: {
            type: "string",
            check: pattern,
            description: "Repositories the rule is about, as a doublestar pattern such as `**`.",
        },
        repoExcluding: {
            type: "string",
            check: pattern,
            description: "Repositories the rule is not about.",
        },
        tagMatching: {
            type: "string",
            check: pattern,
            description: "Tags the rule is about, as a doublestar pattern such as `v*`.",
        },
        tagExcluding: {
            type: "string",
            check: pattern,
            description: "Tags the rule is not about.",
        },
        untaggedArtifacts: {
            type: "boolean",
            default: true,
            description: "Whether artifacts without a tag count as matching. Default: true.",
        },
    },
} as const satisfies ObjectType;

/** Inputs of `harbor.RetentionPolicy`. */
export const retentionPolicyProperties = {
    scope: {
        type: "string",
        required: true,
        replace: true,
        check: projectIdRule,
        normalize: canonicalProjectId,
        description: "Id of the project, `/projects/N`.",
    },
    schedule: {
        type: "string",
        check: scheduleRule,
        normalize: toCron,
        description:
            "When it runs: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first. Default: only when somebody starts it.",
    },
    rules: {
        type: { list: rule },
        required: true,
        check: (value: readonly unknown[]) =>
            value.length >= 1 && value.length <= rulesMax
                ? undefined
                : `has ${value.length} rules, expecting 1 to ${rulesMax}`,
        description: "What is kept; an artifact that any rule keeps stays. 1 to 15 rules.",
    },
} satisfies Properties;
