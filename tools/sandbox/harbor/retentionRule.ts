import { tagsOf } from "./artifactStore";
import type { Artifact, RetentionRule, Selector } from "./core/model";
import type { Store } from "./core/store";
import { selects } from "./selectors";

const dayMs = 86_400_000;

function countsUntagged(selector: Selector): boolean {
    try {
        const extras: unknown = JSON.parse(selector.extras ?? "{}");
        const untagged = new Map(Object.entries(extras ?? {})).get("untagged");
        return untagged !== false;
    } catch {
        return true;
    }
}

/** Whether a rule selects an artifact: one matching tag is enough. */
export function concerns(store: Store, rule: RetentionRule, artifact: Artifact): boolean {
    const names = tagsOf(store, artifact.id).map((tag) => tag.name);
    return rule.tagSelectors.every((selector) => {
        if (names.length === 0) {
            const excludes = selector.decoration === "excludes";
            return excludes ? !countsUntagged(selector) : countsUntagged(selector);
        }
        return names.some((name) => selects(selector, name));
    });
}

const time = (text: string): number => Date.parse(text);
const latest =
    (by: (artifact: Artifact) => number) =>
    (artifacts: readonly Artifact[], count: number): Artifact[] =>
        [...artifacts].sort((a, b) => by(b) - by(a)).slice(0, Math.max(count, 0));
const within =
    (by: (artifact: Artifact) => number) =>
    (artifacts: readonly Artifact[], days: number): Artifact[] =>
        artifacts.filter((artifact) => by(artifact) >= Date.now() - days * dayMs);

const pushed = (artifact: Artifact): number => time(artifact.pushed);
const pulled = (artifact: Artifact): number => time(artifact.pulled);
const active = (artifact: Artifact): number => Math.max(pushed(artifact), pulled(artifact));

type Evaluator = (artifacts: readonly Artifact[], parameter: number) => Artifact[];

const evaluators: Readonly<Record<string, Evaluator>> = {
    always: (artifacts) => [...artifacts],
    latestPushedK: latest(pushed),
    latestPulledN: latest(pulled),
    latestActiveK: latest(active),
    nDaysSinceLastPush: within(pushed),
    nDaysSinceLastPull: within(pulled),
};

/**
 * The selected artifacts that a rule keeps; undefined for a template that Harbor does not know,
 * which fails only when the policy runs.
 */
export function keeps(rule: RetentionRule, artifacts: readonly Artifact[]): Artifact[] | undefined {
    const evaluate = evaluators[rule.template];
    return evaluate?.(artifacts, Number(rule.params[rule.template] ?? 0));
}
