import type { Failure } from "../failure";
import type { RetentionRule, Selector } from "../harbor/retention";
import type { Values } from "../property";
import { type Bag, Unknown } from "../values";
import type { retentionPolicyProperties } from "./retentionPolicyProperties";

type Inputs = Values<typeof retentionPolicyProperties>;
type Rule = Inputs["rules"][number];

/** Properties of the five measures, with Harbor's templates. */
const templates = {
    mostRecentlyPushed: "latestPushedK",
    mostRecentlyPulled: "latestPulledN",
    nDaysSinceLastPush: "nDaysSinceLastPush",
    nDaysSinceLastPull: "nDaysSinceLastPull",
} as const;
const always = "always";

/** Harbor's decorations of selectors, by the ending of our properties. */
const decorations = {
    repo: { Matching: "repoMatches", Excluding: "repoExcludes" },
    tag: { Matching: "matches", Excluding: "excludes" },
} as const;

/** Checks that each rule has one measure and one selector of repositories and of tags, and that no rules are equal. */
export function checkRetentionRules(inputs: Partial<Inputs>): Failure[] {
    const { rules } = inputs;
    if (!Array.isArray(rules)) return [];
    const failures: Failure[] = [];
    const seen = new Map<string, number>();
    rules.forEach((rule: Rule, index) => {
        if (rule instanceof Unknown) return;
        const path = `rules[${index}]`;
        failures.push(
            ...exactlyOne(rule, [...Object.keys(templates), "alwaysRetain"], path),
            ...exactlyOne(rule, ["repoMatching", "repoExcluding"], path),
            ...exactlyOne(rule, ["tagMatching", "tagExcluding"], path),
        );
        const key = JSON.stringify(toRetentionRule(rule));
        const first = seen.get(key);
        if (
            first !== undefined &&
            !Object.values(rule).some((value) => (value as unknown) instanceof Unknown)
        ) {
            failures.push({
                property: path,
                reason: `equals rules[${first}]; leave one out`,
            });
        }
        seen.set(key, first ?? index);
    });
    return failures;
}

function exactlyOne(rule: Bag, keys: readonly string[], path: string): Failure[] {
    // With `alwaysRetain: false` the rule uses another measure.
    const given = keys.filter((key) => rule[key] !== undefined && rule[key] !== false);
    if (given.length === 1) return [];
    const found = given.length === 0 ? "has none" : `has ${given.join(" and ")}`;
    return [{ property: path, reason: `${found} of ${keys.join(", ")}; expected exactly one` }];
}

/** A rule in Harbor's form. */
export function toRetentionRule(rule: Rule): RetentionRule {
    const [property, template] = Object.entries(templates).find(
        ([key]) => rule[key as keyof typeof templates] !== undefined,
    ) ?? [undefined, always];
    return {
        disabled: rule.disabled ?? false,
        template,
        count: property === undefined ? undefined : rule[property as keyof typeof templates],
        repository: toSelector(rule, "repo"),
        tag: toSelector(rule, "tag"),
        untagged: rule.untaggedArtifacts ?? true,
    };
}

/** A rule as programs write it. */
export function fromRetentionRule(rule: RetentionRule): Bag {
    const property = Object.entries(templates).find(([, template]) => template === rule.template);
    return {
        disabled: rule.disabled,
        ...(property ? { [property[0]]: rule.count } : {}),
        ...(rule.template === always ? { alwaysRetain: true } : {}),
        ...fromSelector(rule.repository, "repo"),
        ...fromSelector(rule.tag, "tag"),
        untaggedArtifacts: rule.untagged,
    };
}

/** The selector of `repoMatching`, `repoExcluding`, `tagMatching` or `tagExcluding`. */
export function toSelector(values: Bag, kind: "repo" | "tag"): Selector | undefined {
    for (const ending of ["Matching", "Excluding"] as const) {
        const pattern = values[`${kind}${ending}`];
        if (typeof pattern === "string" && pattern !== "") {
            return { decoration: decorations[kind][ending], pattern };
        }
    }
    return undefined;
}

/** The property of a selector in Harbor's form. */
export function fromSelector(selector: Selector | undefined, kind: "repo" | "tag"): Bag {
    if (!selector) return {};
    const excluding = selector.decoration === decorations[kind].Excluding;
    return { [`${kind}${excluding ? "Excluding" : "Matching"}`]: selector.pattern };
}
