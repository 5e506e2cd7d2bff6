import type { HarborClient } from "../../harbor/client";
import { createOrFind } from "../../harbor/once";
import { getVersion } from "../../harbor/version";
import { hasStatus } from "../../http/error";
import { explaining, UserError } from "../failure";
import {
    createRetention,
    getRetention,
    type RetentionPolicy,
    retentionIdOf,
    updateRetention,
} from "../harbor/retention";
import { canonicalProjectId, numberIn, projectNumber, requiredNumberIn } from "../ids";
import type { Values } from "../property";
import { type Context, resource, type State } from "../resource";
import { fromCron, toCron } from "../schedule";
import type { Bag } from "../values";
import { retentionPolicyProperties } from "./retentionPolicyProperties";
import { checkRetentionRules, fromRetentionRule, toRetentionRule } from "./retentionRules";

type Inputs = Values<typeof retentionPolicyProperties>;

/** `harbor.RetentionPolicy`: which artifacts a project keeps. A project has at most one policy. */
export const retentionPolicy = resource({
    token: "harbor:index/retentionPolicy:RetentionPolicy",
    description:
        "A project's tag retention: which artifacts Harbor keeps when retention runs. A project has one policy; creating this resource takes over an existing policy.",
    idAlias: "retentionPolicyId",
    properties: retentionPolicyProperties,
    identity: ["scope"],
    importForms: "/retentions/ID, ID, or /projects/ID of its project",
    check: checkRetentionRules,
    create,
    async read(id, prior, { client }) {
        const policy = await find(id, prior, client);
        return policy && state(policy);
    },
    async update(id, inputs, _olds, { client }) {
        await updateRetention(client, {
            id: requiredNumberIn(id, "retentions"),
            ...wanted(inputs),
        });
        return { id, outputs: { scope: canonicalProjectId(inputs.scope) } };
    },
    delete: remove,
});

async function create(inputs: Inputs, { client, warn }: Context): Promise<State> {
    const policy = wanted(inputs);
    const existing = await retentionIdOf(client, policy.projectId);
    const id = existing ?? (await createNew(policy, client));
    if (existing !== undefined) {
        const before = await getRetention(client, existing);
        if (before.rules.length > 0) {
            await warn(
                `retention policy /retentions/${existing} of ${inputs.scope} already had rules, which are replaced`,
            );
        }
    }
    // Harbor ignores `disabled` in rules of a new policy.
    if (existing !== undefined || policy.rules.some((rule) => rule.disabled)) {
        await updateRetention(client, { id, ...policy });
    }
    return { id: `/retentions/${id}`, outputs: { scope: canonicalProjectId(inputs.scope) } };
}

// A project has one policy, so after a lost answer an existing policy is the new one.
async function createNew(
    policy: Omit<RetentionPolicy, "id">,
    client: HarborClient,
): Promise<number> {
    const explain = explaining({
        400: ({ reason }) =>
            /invalid Project id/i.test(reason)
                ? `scope: project /projects/${policy.projectId} does not exist`
                : undefined,
    });
    const { value } = await createOrFind({
        what: "the retention policy",
        post: () => createRetention(client, policy).catch(explain),
        find: () => retentionIdOf(client, policy.projectId),
    });
    return value;
}

async function find(
    id: string,
    prior: Bag,
    client: HarborClient,
): Promise<RetentionPolicy | undefined> {
    const scope = typeof prior["scope"] === "string" ? prior["scope"] : id;
    const projectId = numberIn(scope, "projects");
    if (id.includes("projects/")) {
        const found = projectId && (await retentionIdOf(client, projectId));
        return found ? getRetention(client, found) : undefined;
    }
    const number = requiredNumberIn(id, "retentions");
    try {
        return await getRetention(client, number);
    } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        if (!hasStatus(error, 500)) throw error;
        // Harbor answers 500 for a deleted policy; the project names its current policy.
        if (prior["scope"] === undefined || projectId === undefined) {
            throw new UserError(
                `Harbor cannot read ${id}, which is also its answer for missing retention policies; give the id of the project's policy, or /projects/ID`,
                { cause: error },
            );
        }
        if ((await retentionIdOf(client, projectId)) === number) throw error;
        return undefined;
    }
}

// Before 2.14 the project still pointed at a deleted policy and accepted no new one. In these
// versions a delete removes only the rules, and the next creation reuses the policy.
async function remove(id: string, olds: Bag, { client }: Context): Promise<void> {
    const number = requiredNumberIn(id, "retentions");
    const [major = 0, minor = 0] = (await getVersion(client)) ?? [];
    try {
        if (major > 2 || (major === 2 && minor >= 14)) {
            await client.delete(`/retentions/${number}`);
        } else {
            const projectId = projectNumber(String(olds["scope"]));
            await updateRetention(client, { id: number, projectId, cron: "", rules: [] });
        }
    } catch (error) {
        const gone =
            hasStatus(error, 404) || (hasStatus(error, 400) && /no such/i.test(error.reason));
        if (!gone) throw error;
    }
}

function wanted(inputs: Inputs): Omit<RetentionPolicy, "id"> {
    return {
        projectId: projectNumber(inputs.scope),
        cron: toCron(inputs.schedule ?? ""),
        rules: inputs.rules.map(toRetentionRule),
    };
}

function state(policy: RetentionPolicy): State {
    return {
        id: `/retentions/${policy.id}`,
        outputs: {
            scope: `/projects/${policy.projectId}`,
            schedule: policy.cron === "" ? undefined : fromCron(policy.cron),
            rules: policy.rules.map(fromRetentionRule),
        },
    };
}
