import assert from "node:assert/strict";
import type { Wire } from "./pluginClient";
import type { ProviderBench } from "./providerBench";

/** A resource that the provider created. */
export interface Made {
    readonly id: string;
    readonly inputs: Wire;
    readonly outputs: Wire;
}

/** Checks and creates, as an update does. Fails when the check rejects an input. */
export async function make(bench: ProviderBench, type: string, given: Wire): Promise<Made> {
    const { inputs, failures } = await bench.plugin.check(type, given);
    assert.deepEqual(failures, {});
    const { id, outputs } = await bench.plugin.create(type, inputs);
    return { id, inputs, outputs };
}

/**
 * The properties that differ after a refresh, with their kinds: none if nothing changed in Harbor.
 */
export async function driftOf(
    bench: ProviderBench,
    type: string,
    made: Made,
): Promise<Record<string, string>> {
    const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
    assert.equal(read.id, made.id);
    return (await bench.plugin.diff(type, read.outputs, made.inputs, read.inputs)).detailed;
}

/** The properties that differ between an import of `id` and a program's inputs. */
export async function importDiff(
    bench: ProviderBench,
    type: string,
    id: string,
    inputs: Wire,
): Promise<{ id: string; detailed: Record<string, string> }> {
    const read = await bench.plugin.read(type, id);
    const { detailed } = await bench.plugin.diff(type, read.outputs, inputs, read.inputs);
    return { id: read.id, detailed };
}

/** Updates to `given` and returns the new state of the resource. */
export async function change(
    bench: ProviderBench,
    type: string,
    made: Made,
    given: Wire,
): Promise<Made> {
    const { inputs, failures } = await bench.plugin.check(type, given, { olds: made.inputs });
    assert.deepEqual(failures, {});
    const outputs = await bench.plugin.update(type, made.id, made.outputs, inputs);
    return { id: made.id, inputs, outputs };
}

/**
 * Deletes twice, which must have the same effect as once, and checks that a refresh finds nothing.
 */
export async function removeTwice(bench: ProviderBench, type: string, made: Made): Promise<void> {
    await bench.plugin.delete(type, made.id, made.outputs, made.inputs);
    await bench.plugin.delete(type, made.id, made.outputs, made.inputs);
    const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
    assert.equal(read.id, "");
}
