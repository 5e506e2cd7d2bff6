import type { HarborClient } from "../../harbor/client";
import {
    createReplicationPolicy,
    deleteReplicationPolicy,
    findReplicationPolicy,
    getReplicationPolicy,
    type ReplicationPolicy,
    type ReplicationSettings,
    startReplication,
    updateReplicationPolicy,
} from "../../harbor/replication";
import { hasStatus } from "../../http/error";
import { reasonOf } from "../../text/reason";
import { type Failure, PartialError, UserError } from "../failure";
import { nameIn, numberIn } from "../ids";
import type { Values } from "../property";
import { type Context, resource, type State } from "../resource";
import type { Bag } from "../values";
import { fromFilters, judgeFilters, toFilters } from "./replicationFilters";
import { eventBased, fromTrigger, replicationProperties, toTrigger } from "./replicationProperties";

type Inputs = Values<typeof replicationProperties>;

const collection = "replication/policies";

/** `harbor.Replication`: copies artifacts to or from another registry. */
export const replication = resource({
    token: "harbor:index/replication:Replication",
    description:
        "A replication policy: which artifacts Harbor copies to or from another registry, and when. Needs a system administrator.",
    idAlias: "replicationId",
    properties: replicationProperties,
    identity: ["name"],
    importForms: `/${collection}/ID, ID, or the policy's name`,
    check,
    create,
    async read(id, _prior, { client }) {
        const number =
            numberIn(id, collection) ??
            (await findReplicationPolicy(client, nameIn(id, collection)))?.id;
        const found = number === undefined ? undefined : await getReplicationPolicy(client, number);
        return found && { id: `/${collection}/${found.id}`, outputs: outputsOf(found) };
    },
    async update(id, inputs, _olds, { client }) {
        const number = policyNumber(id);
        await updateReplicationPolicy(client, number, settings(inputs)).catch((error: unknown) =>
            explain(error, inputs),
        );
        if (inputs.executeOnChanged) await run(number, inputs, client);
        return { id, outputs: { replicationPolicyId: number } };
    },
    async delete(id, olds, { client }) {
        await deleteReplicationPolicy(client, policyNumber(id)).catch((error: unknown) => {
            if (!hasStatus(error, 412)) throw error;
            throw new UserError(
                `replication policy "${olds["name"]}" is running; wait until it is done, or stop it in Harbor (${error.reason})`,
                { cause: error },
            );
        });
    },
});

function check(inputs: Partial<Inputs>): Failure[] {
    const failures = judgeFilters(inputs.filters ?? []);
    if (inputs.singleActiveReplication && inputs.schedule?.trim() === eventBased) {
        const reason = `cannot be combined with schedule "${eventBased}": Harbor refuses it`;
        failures.push({ property: "singleActiveReplication", reason });
    }
    if (inputs.executeOnChanged && inputs.enabled === false) {
        const reason = "cannot be combined with enabled false: Harbor runs no disabled policy";
        failures.push({ property: "executeOnChanged", reason });
    }
    return failures;
}

async function create(inputs: Inputs, { client }: Context): Promise<State> {
    const { value: number } = await createReplicationPolicy(client, settings(inputs)).catch(
        (error: unknown) => explain(error, inputs),
    );
    const made = { id: `/${collection}/${number}`, outputs: { replicationPolicyId: number } };
    if (!inputs.executeOnChanged) return made;
    try {
        await run(number, inputs, client);
    } catch (cause) {
        throw new PartialError(reasonOf(cause), { ...made, cause });
    }
    return made;
}

async function run(number: number, { name }: Inputs, client: HarborClient): Promise<void> {
    await startReplication(client, number).catch((cause: unknown) => {
        throw new UserError(
            `executeOnChanged: replication policy "${name}" was saved, but could not run: ${reasonOf(cause)}`,
            { cause },
        );
    });
}

function settings(inputs: Inputs): ReplicationSettings {
    return {
        name: inputs.name,
        description: inputs.description ?? "",
        action: inputs.action === "pull" ? "pull" : "push",
        registryId: inputs.registryId,
        destinationNamespace: inputs.destNamespace ?? "",
        replaceCount: inputs.destNamespaceReplace,
        trigger: toTrigger(inputs.schedule),
        filters: toFilters(inputs.filters ?? []),
        deletion: inputs.deletion,
        override: inputs.override,
        enabled: inputs.enabled,
        speedKb: Math.max(inputs.speed, 0),
        copyByChunk: inputs.copyByChunk,
        singleActive: inputs.singleActiveReplication,
    };
}

function outputsOf(policy: ReplicationPolicy): Bag {
    return {
        name: policy.name,
        description: policy.description,
        action: policy.action,
        registryId: policy.registryId,
        destNamespace: policy.destinationNamespace,
        destNamespaceReplace: policy.replaceCount,
        schedule: fromTrigger(policy.trigger),
        filters: fromFilters(policy.filters),
        deletion: policy.deletion,
        override: policy.override,
        enabled: policy.enabled,
        speed: policy.speedKb || -1,
        copyByChunk: policy.copyByChunk,
        singleActiveReplication: policy.singleActive,
        replicationPolicyId: policy.id,
    };
}

function explain(error: unknown, { name, registryId }: Inputs): never {
    if (hasStatus(error, 409)) {
        throw new UserError(
            `name: ${error.reason}. To manage it here, import it: \`pulumi import harbor:index/replication:Replication NAME ${name}\``,
            { cause: error },
        );
    }
    if (hasStatus(error, 404) && /^registry /.test(error.reason)) {
        throw new UserError(
            `registryId: Harbor has no registry ${registryId}; pass registryId of a harbor.Registry or of getRegistry`,
            { cause: error },
        );
    }
    throw error;
}

function policyNumber(id: string): number {
    const number = numberIn(id, collection);
    if (number === undefined) {
        throw new UserError(
            `"${id}" is not the id of a replication policy; expected /${collection}/N`,
        );
    }
    return number;
}
