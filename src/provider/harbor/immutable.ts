import type { HarborClient } from "../../harbor/client";
import { flag, type Json, object, objects, requiredNumber } from "../../harbor/json";
import { idFromLocation, projectPath } from "../../harbor/project";
import { parseSelector, type Selector } from "./retention";

/** A rule that makes matching tags immutable. */
export interface ImmutableRule {
    readonly id: number;
    readonly disabled: boolean;
    readonly repository: Selector | undefined;
    readonly tag: Selector | undefined;
}

/** Every rule of a project; Harbor has no request for a single rule. */
export async function listImmutableRules(
    client: HarborClient,
    projectId: number,
): Promise<ImmutableRule[]> {
    return (await client.list(rulesPath(projectId))).map(parseRule);
}

/** Creates an enabled rule; Harbor ignores `disabled` here. */
export async function createImmutableRule(
    client: HarborClient,
    projectId: number,
    rule: Omit<ImmutableRule, "id">,
): Promise<number | undefined> {
    return idFromLocation(await client.post(rulesPath(projectId), ruleBody(rule)));
}

/**
 * Updates a rule. A PUT that changes `disabled` changes nothing else, and Harbor answers 200 all the
 * same (`UpdateImmutableRule` of src/controller/immutable); the second PUT then sets the selectors.
 */
export async function updateImmutableRule(
    client: HarborClient,
    projectId: number,
    rule: ImmutableRule,
): Promise<void> {
    const path = `${rulesPath(projectId)}/${rule.id}`;
    const body = { ...ruleBody(rule), id: rule.id };
    await client.put(path, body);
    await client.put(path, body);
}

function rulesPath(projectId: number): string {
    return `${projectPath(projectId)}/immutabletagrules`;
}

function ruleBody({ disabled, repository, tag }: Omit<ImmutableRule, "id">): Json {
    return {
        disabled,
        action: "immutable",
        template: "immutable_template",
        tag_selectors: tag ? [{ kind: "doublestar", ...tag }] : [],
        scope_selectors: { repository: repository ? [{ kind: "doublestar", ...repository }] : [] },
    };
}

function parseRule(json: Json): ImmutableRule {
    const scope = json["scope_selectors"] ? object(json["scope_selectors"], "scope_selectors") : {};
    return {
        id: requiredNumber(json, "id"),
        disabled: flag(json, "disabled"),
        repository: parseSelector(objects(scope["repository"], "scope_selectors.repository")[0]),
        tag: parseSelector(objects(json["tag_selectors"], "tag_selectors")[0]),
    };
}
