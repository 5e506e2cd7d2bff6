import { buildProvenance, type OwnFacts } from "../signing/provenance";
import { reasonOf } from "../text/reason";
import { readImageInputs, readPlainInputs, secretMembers } from "./imageInputs";
import { openHistory } from "./openHistory";

/**
 * The provenance of an image, from BuildKit's history. What BuildKit does not know is missing in the
 * statement, which says so: this never fails a run.
 *
 * @param inputs the inputs of the build
 * @param onMissing receives the reason when BuildKit has no record of the build
 */
export async function readProvenance(
    inputs: Record<string, unknown>,
    digest: string,
    facts: OwnFacts,
    onMissing: (reason: string) => void,
): Promise<object> {
    const { tags, builder } = await readImageInputs(inputs);
    const found = openHistory().provenance({ tags, builder, digest });
    const record = await found.catch((error: unknown) => ({ reason: reasonOf(error) }));
    if ("reason" in record) onMissing(record.reason);
    const { secrets: texts } = await readPlainInputs(inputs);
    const names = [
        ...(await secretMembers(inputs, "buildArgs")).map((name) => `build-arg:${name}`),
        ...(await secretMembers(inputs, "labels")).map((name) => `label:${name}`),
    ];
    return buildProvenance(record, facts, { texts, names });
}
