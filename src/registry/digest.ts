import type { CredentialsFor } from "./credentials";
import type { Location } from "./location";
import { digestOf, manifestTypes } from "./manifest";
import { askRegistry, type NoAnswer, type QuestionOptions, Refused } from "./question";
import type { RegistrySession } from "./session";

/** The digest that a reference's tag names, or why it could not be found out. */
export type DigestAnswer = { readonly digest: string } | NoAnswer;

/** Asks a registry which digest a tag has, of an index where there is one. Never throws. */
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
    const path = `manifests/${selector}`;
    const head = await session.head(repository, path, manifestTypes);
    const told = head.response.headers["docker-content-digest"];
    if (head.fault === undefined && typeof told === "string" && digestPattern.test(told)) {
        return { digest: told };
    }
    if (head.response.status === 429) {
        // A GET would count once more.
        return new Refused(head.fault, head);
    }
    // A refusal's words are in its body; and what does not tell its digest is hashed.
    const answer = await session.get(repository, path, manifestTypes);
    return answer.fault === undefined
        ? { digest: digestOf(answer.response.body) }
        : new Refused(answer.fault, answer);
}

const digestPattern = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;
