import type { HarborClient } from "../../harbor/client";
import { flag, type Json, number, object, objects, requiredNumber, text } from "../../harbor/json";
import { idFromLocation, projectPath } from "../../harbor/project";

/** Selects names by pattern, or all names except these. */
export interface Selector {
    /** `matches`/`excludes` for tags, `repoMatches`/`repoExcludes` for repositories. */
    readonly decoration: string;
    /** Doublestar pattern. */
    readonly pattern: string;
}

/** One rule that keeps artifacts. Harbor keeps an artifact that any rule keeps. */
export interface RetentionRule {
    readonly disabled: boolean;
    /** Such as `latestPushedK`; see `GET /retentions/metadatas`. */
    readonly template: string;
    /** The number of the template, in artifacts or days; undefined for `always`. */
    readonly count: number | undefined;
    readonly repository: Selector | undefined;
    readonly tag: Selector | undefined;
    /** Whether artifacts without a tag count as matching. */
    readonly untagged: boolean;
}

/** A project's tag retention. */
export interface RetentionPolicy {
    readonly id: number;
    readonly projectId: number;
    /** Six cron fields, seconds first; empty without a schedule. */
    readonly cron: string;
    readonly rules: readonly RetentionRule[];
}

/** Id of a project's retention policy; undefined when the project or the policy is missing. */
export async function retentionIdOf(
    client: HarborClient,
    projectId: number,
): Promise<number | undefined> {
    const project = await client.find(projectPath(projectId), "project");
    const id =
        project?.["metadata"] && text(object(project["metadata"], "metadata"), "retention_id");
    return id ? Number(id) : undefined;
}

/** Reads a policy. Harbor answers 500 when the policy is missing. */
export async function getRetention(client: HarborClient, id: number): Promise<RetentionPolicy> {
    return parsePolicy(object((await client.get(`/retentions/${id}`)).body, "retention policy"));
}

/** Creates a project's policy; undefined when the answer lacks the id. */
export async function createRetention(
    client: HarborClient,
    policy: Omit<RetentionPolicy, "id">,
): Promise<number | undefined> {
    return idFromLocation(await client.post("/retentions", policyBody(policy)));
}

export async function updateRetention(
    client: HarborClient,
    policy: RetentionPolicy,
): Promise<void> {
    await client.put(`/retentions/${policy.id}`, { ...policyBody(policy), id: policy.id });
}

function policyBody(policy: Omit<RetentionPolicy, "id">): Json {
    return {
        algorithm: "or",
        scope: { level: "project", ref: policy.projectId },
        trigger: { kind: "Schedule", settings: { cron: policy.cron }, references: {} },
        rules: policy.rules.map(ruleBody),
    };
}

function ruleBody(rule: RetentionRule): Json {
    const { repository, tag } = rule;
    return {
        disabled: rule.disabled,
        action: "retain",
        template: rule.template,
        params: rule.count === undefined ? {} : { [rule.template]: rule.count },
        tag_selectors: tag
            ? [{ kind: "doublestar", ...tag, extras: JSON.stringify({ untagged: rule.untagged }) }]
            : [],
        scope_selectors: { repository: repository ? [{ kind: "doublestar", ...repository }] : [] },
    };
}

function parsePolicy(json: Json): RetentionPolicy {
    const trigger = json["trigger"] ? object(json["trigger"], "trigger") : {};
    const settings = trigger["settings"] ? object(trigger["settings"], "trigger.settings") : {};
    return {
        id: requiredNumber(json, "id"),
        projectId: requiredNumber(object(json["scope"], "scope"), "ref"),
        cron: text(settings, "cron") ?? "",
        rules: objects(json["rules"], "rules").map(parseRule),
    };
}

function parseRule(json: Json): RetentionRule {
    const template = text(json, "template") ?? "";
    const params = json["params"] ? object(json["params"], "params") : {};
    const tag = objects(json["tag_selectors"], "tag_selectors")[0];
    const scope = json["scope_selectors"] ? object(json["scope_selectors"], "scope_selectors") : {};
    return {
        disabled: flag(json, "disabled"),
        template,
        count: number(params, template),
        repository: parseSelector(objects(scope["repository"], "scope_selectors.repository")[0]),
        tag: parseSelector(tag),
        untagged: tag !== undefined && /"untagged":\s*true/.test(text(tag, "extras") ?? ""),
    };
}

/** Reads a selector; undefined when missing. */
export function parseSelector(json: Json | undefined): Selector | undefined {
    if (!json) return undefined;
    return { decoration: text(json, "decoration") ?? "", pattern: text(json, "pattern") ?? "" };
}
