import { isDeepStrictEqual } from "node:util";
import type { HarborClient } from "../../harbor/client";
import { createOrFind } from "../../harbor/once";
import { hasStatus } from "../../http/error";
import { reasonOf } from "../../text/reason";
import { type Failure, UserError } from "../failure";
import {
    createImmutableRule,
    type ImmutableRule,
    listImmutableRules,
    updateImmutableRule,
} from "../harbor/immutable";
import { canonicalProjectId, memberOf, projectIdProperty, projectNumber } from "../ids";
import type { Properties, Values } from "../property";
import { type Context, resource, type State } from "../resource";
import { fromSelector, toSelector } from "./retentionRules";

const properties = {
    projectId: projectIdProperty,
    repoMatching: {
        type: "string",
        description: "Repositories that the rule covers, as a doublestar pattern such as `**`.",
    },
    repoExcluding: {
        type: "string",
        description:
            "Repositories that the rule does not cover. Give either this or `repoMatching`.",
    },
    tagMatching: {
        type: "string",
        description: "Tags that are immutable, as a doublestar pattern such as `v*`.",
    },
    tagExcluding: {
        type: "string",
        description: "Tags that stay mutable. Give either this or `tagMatching`.",
    },
    disabled: {
        type: "boolean",
        default: false,
        description: "Whether the rule is disabled. Default: false.",
    },
} satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.ImmutableTagRule`: makes tags immutable. */
export const immutableTagRule = resource({
    token: "harbor:index/immutableTagRule:ImmutableTagRule",
    description:
        "A rule that makes tags of a project immutable: Harbor refuses to overwrite or delete them. Creating this resource takes over a rule with the same selectors.",
    idAlias: "immutableTagRuleId",
    properties,
    identity: ["projectId", "repoMatching", "repoExcluding", "tagMatching", "tagExcluding"],
    importForms: "/projects/PROJECT/immutabletagrules/ID",
    check,
    create,
    async read(id, _prior, { client }) {
        const { projectId, member } = ruleOf(id);
        const rules = await listImmutableRules(client, projectId).catch((error: unknown) => {
            if (hasStatus(error, 404)) return [];
            throw error;
        });
        const rule = rules.find((item) => item.id === member);
        return rule && state(projectId, rule);
    },
    async update(id, inputs, _olds, { client }) {
        const { projectId, member } = ruleOf(id);
        await updateImmutableRule(client, projectId, { id: member, ...wanted(inputs) });
        return { id, outputs: { projectId: canonicalProjectId(inputs.projectId) } };
    },
    delete: (id, _olds, { client }) => client.delete(ruleOf(id).path),
});

// Harbor accepts rules without selectors, which then match unexpected tags.
function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    return (["repo", "tag"] as const).flatMap((kind) => {
        const keys = [`${kind}Matching`, `${kind}Excluding`] as const;
        const given = keys.filter((key) => unknown.has(key) || Boolean(inputs[key]));
        if (given.length === 1) return [];
        const reason =
            given.length === 0
                ? `is missing: give ${keys[0]} or ${keys[1]}; "**" matches everything`
                : `cannot be given together with ${keys[1]}; give one of both`;
        return [{ property: keys[0], reason }];
    });
}

async function create(inputs: Inputs, { client, warn }: Context): Promise<State> {
    const projectId = projectNumber(inputs.projectId);
    const rule = wanted(inputs);
    // Harbor refuses a duplicate rule, so after a lost answer or an interrupted run an equal rule is the
    // new one. A rule has no name that could tell whose it is.
    const { value, existed } = await createOrFind({
        what: "the immutable tag rule",
        post: async () => {
            const id = await createImmutableRule(client, projectId, rule);
            return id === undefined ? undefined : { id, disabled: false };
        },
        find: () => findSame(projectId, rule, client),
    });
    const { id, disabled } = value;
    const path = `/projects/${projectId}/immutabletagrules/${id}`;
    if (existed) {
        await warn(
            `immutable tag rule ${path} already existed with the same selectors, and is taken over`,
        );
    }
    if (rule.disabled !== disabled) {
        try {
            await updateImmutableRule(client, projectId, { id, ...rule });
        } catch (cause) {
            if (existed) throw cause;
            await client.delete(path);
            throw new UserError(
                `disabled: the rule could not be disabled after its creation (${reasonOf(cause)}), and was deleted again`,
                { cause },
            );
        }
    }
    return { id: path, outputs: { projectId: canonicalProjectId(inputs.projectId) } };
}

async function findSame(
    projectId: number,
    rule: Omit<ImmutableRule, "id">,
    client: HarborClient,
): Promise<ImmutableRule | undefined> {
    const rules = await listImmutableRules(client, projectId);
    return rules.find(
        (item) =>
            isDeepStrictEqual(item.repository, rule.repository) &&
            isDeepStrictEqual(item.tag, rule.tag),
    );
}

function wanted(inputs: Inputs): Omit<ImmutableRule, "id"> {
    return {
        disabled: inputs.disabled,
        repository: toSelector(inputs, "repo"),
        tag: toSelector(inputs, "tag"),
    };
}

function state(projectId: number, rule: ImmutableRule): State {
    return {
        id: `/projects/${projectId}/immutabletagrules/${rule.id}`,
        outputs: {
            projectId: `/projects/${projectId}`,
            disabled: rule.disabled,
            ...fromSelector(rule.repository, "repo"),
            ...fromSelector(rule.tag, "tag"),
        },
    };
}

const ruleOf = (id: string) => memberOf(id, "immutabletagrules", "an immutable tag rule");
