import type { Selector } from "./core/model";
import { globMatches } from "./glob";

/** Whether a selector matches a name; `excludes` and `repoExcludes` negate the match. */
export function selects(selector: Selector, name: string): boolean {
    const matches = globMatches(selector.pattern ?? "", name);
    if (matches === undefined) {
        return false; // An unreadable pattern neither selects nor excludes.
    }
    const turned = selector.decoration === "excludes" || selector.decoration === "repoExcludes";
    return turned ? !matches : matches;
}

/** Whether a rule's repository selectors match a repository (its name without the project). */
export function selectsRepository(
    scope: Readonly<Record<string, readonly Selector[]>>,
    repository: string,
): boolean {
    return (scope["repository"] ?? []).every((selector) => selects(selector, repository));
}
