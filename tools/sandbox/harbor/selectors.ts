import type { Selector } from "./core/model";
import { globMatches } from "./glob";

/** Whether a selector takes this name; `excludes` and `repoExcludes` turn it round. */
export function selects(selector: Selector, name: string): boolean {
    const matches = globMatches(selector.pattern ?? "", name);
    if (matches === undefined) {
        return false; // a pattern that can't be read takes nothing, and leaves nothing out
    }
    const turned = selector.decoration === "excludes" || selector.decoration === "repoExcludes";
    return turned ? !matches : matches;
}

/** Whether a rule's repository selectors take this repository (its name without the project). */
export function selectsRepository(
    scope: Readonly<Record<string, readonly Selector[]>>,
    repository: string,
): boolean {
    return (scope["repository"] ?? []).every((selector) => selects(selector, repository));
}
