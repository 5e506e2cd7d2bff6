import { type ContentPath, digestOf, isDigest } from "./content";
import type { CredentialsFor } from "./credentials";
import type { Location } from "./location";
import { askRegistry, type NoAnswer, type QuestionOptions, Refused } from "./question";
import type { RegistrySession } from "./session";

/** The digest of a reference's tag, or why it is unknown. */
export type DigestAnswer = { readonly digest: string } | NoAnswer;

/** Asks a registry for the digest of a tag: the index's, if there is an index. Never throws. */
export function findDigest(
    reference: string,
    credentialsFor: CredentialsFor,
    options: QuestionOptions = {},
): Promise<DigestAnswer> {
    return askRegistry(reference, credentialsFor, options, askDigest);
}

async function askDigest(
    session: RegistrySession,
    { repository, selector }: Location,
): Promise<{ readonly digest: string } | Refused> {
    const path: ContentPath = `manifests/${selector}`;
    const head = await session.head(repository, path);
    const header = head.response.headers["docker-content-digest"];
    const isAsked = !isDigest(selector) || header === selector;
    if (head.fault === undefined && typeof header === "string" && isDigest(header) && isAsked) {
        return { digest: header };
    }
    if (head.response.status === 429) {
        // A GET would count as a pull.
        return new Refused(head.fault, head);
    }
    // Read the body for the message of a refusal, or to hash a manifest without a digest header.
    const answer = await session.get(repository, path);
    return answer.fault === undefined
        ? { digest: digestOf(answer.response.body) }
        : new Refused(answer.fault, answer);
}
