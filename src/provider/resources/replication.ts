import type { HarborClient } from "../../harbor/client";
import { reasonOf } from "../../text/reason";
import { explaining, type Failure, PartialError, UserError } from "../failure";
import {
    createReplicationPolicy,
    findReplicationPolicy,
    getReplicationPolicy,
    type ReplicationPolicy,
    type ReplicationSettings,
    startReplication,
    updateReplicationPolicy,
} from "../harbor/replication";
import { nameIn, numberIn, pathIn, requiredNumberIn } from "../ids";
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
            (await findReplicationPolicy(client, nameIn(id, collection)))?.value.id;
        const found = number === undefined ? undefined : await getReplicationPolicy(client, number);
        return found && { id: `/${collection}/${found.id}`, outputs: outputsOf(found) };
    },
    async update(id, inputs, _olds, { client }) {
        const number = requiredNumberIn(id, collection);
        await updateReplicationPolicy(client, number, settings(inputs)).catch(explain(inputs));
        if (inputs.executeOnChanged) await run(number, inputs, client);
        return { id, outputs: { replicationPolicyId: number } };
    },
    async delete(id, olds, { client }) {
        await client.delete(pathIn(id, collection)).catch(
            explaining({
                412: ({ reason }) =>
                    `replication policy "${olds["name"]}" is running; wait until it is done, or stop it in Harbor (${reason})`,
            }),
        );
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
        explain(inputs),
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

const explain = ({ name, registryId }: Inputs) =>
    explaining({
        404: ({ reason }) =>
            /^registry /.test(reason)
                ? `registryId: Harbor has no registry ${registryId}; pass registryId of a harbor.Registry or of getRegistry`
                : undefined,
        409: ({ reason }) =>
            `name: ${reason}. To manage it here, import it: \`pulumi import harbor:index/replication:Replication NAME ${name}\``,
    });
