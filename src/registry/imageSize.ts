import { asList, asRecord, parseJson } from "../text/lenientJson";
import type { CredentialsFor } from "./credentials";
import { askRegistry, type QuestionOptions, Refused } from "./question";

/** Size of an image's compressed layers, in bytes; undefined when the registry does not answer. */
export async function readImageSize(
    reference: string,
    credentialsFor: CredentialsFor,
    options: QuestionOptions,
): Promise<number | undefined> {
    const answer = await askRegistry(
        reference,
        credentialsFor,
        options,
        async (session, { repository, selector }) => {
            const answer = await session.get(repository, `manifests/${selector}`);
            if (answer.fault !== undefined) return new Refused(answer.fault, answer);
            const layers = asList(asRecord(parseJson(answer.response.body))["layers"]).map(
                asRecord,
            );
            const sizes = layers.map(({ size }) => (typeof size === "number" ? size : 0));
            return { bytes: sizes.reduce((sum, size) => sum + size, 0) };
        },
    );
    return "bytes" in answer ? answer.bytes : undefined;
}
