import type { CacheTrust } from "./cacheTrust";
import { digestOf } from "./content";
import type { CredentialsFor } from "./credentials";
import { locate } from "./location";
import { Registries, type RegistryOptions } from "./registries";
import type { RegistrySession } from "./session";
import {
    attachStatement,
    findStatement,
    hasStatement,
    predicateDigest,
    type WantedStatement,
} from "./signatures";

/** Type of the statement that signs a cache. */
const cacheType = "urn:harbor-build:cache:v1";

/**
 * What a signature of a cache states: the digest, and the reference under which builds read it. The
 * signed cache of another image, scope or project does not count under this reference.
 */
function statementOf(reference: string, digest: string) {
    const predicate = { reference: untied(reference) };
    const wanted: WantedStatement = {
        digest,
        predicateType: cacheType,
        predicateDigest: predicateDigest(predicate),
    };
    return { wanted, statement: { digest, predicateType: cacheType, predicate } };
}

/** A reference without its digest. */
const untied = (reference: string): string => reference.split("@", 1)[0] ?? "";

/**
 * Whether a trusted key has signed the manifest with `digest` for this reference.
 *
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function isTrusted(
    session: RegistrySession,
    reference: string,
    digest: string,
    { publicKeys }: CacheTrust,
): Promise<boolean> {
    const { wanted } = statementOf(reference, digest);
    const { repository } = locate(reference);
    return (await findStatement(session, repository, wanted, publicKeys)) !== undefined;
}

/**
 * The reference by which to read a cache: with the digest that was verified, since a tag can move
 * between the check and the use. The same reference when the registries have no `trust`.
 *
 * @returns undefined for a cache that is missing or does not count.
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function trustedReference(
    registries: Registries,
    reference: string,
): Promise<string | undefined> {
    const { trust } = registries;
    if (trust === undefined) return reference;
    const place = locate(reference);
    return registries.ask(place, async (session) => {
        const { response, fault } = await session.get(
            place.repository,
            `manifests/${place.selector}`,
        );
        if (response.status === 404) return undefined;
        // Harbor's content trust refuses what has no signature at all.
        if (response.status === 412) return undefined;
        if (fault !== undefined) throw fault;
        const digest = digestOf(response.body);
        const isGood = await isTrusted(session, reference, digest, trust);
        return isGood ? `${untied(reference)}@${digest}` : undefined;
    });
}

/** Those of several caches that exist and count, by digest. Leaves out what it cannot read. */
export async function trustedReferences(
    references: readonly string[],
    credentialsFor: CredentialsFor,
    options: RegistryOptions,
): Promise<readonly string[]> {
    const registries = new Registries(credentialsFor, options);
    try {
        const found = await Promise.all(
            references.map((reference) =>
                trustedReference(registries, reference).catch(() => undefined),
            ),
        );
        return found.filter((reference) => reference !== undefined);
    } finally {
        registries.close();
    }
}

/**
 * Signs a cache that this run wrote, unless it is signed already. Does nothing without a private key.
 *
 * @param digest digest of the manifest as its writer returned it: the tag may have moved since
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function signCache(
    session: RegistrySession,
    reference: string,
    digest: string,
    { signer }: CacheTrust,
): Promise<void> {
    if (signer === undefined) return;
    const { wanted, statement } = statementOf(reference, digest);
    const { repository } = locate(reference);
    const key = await signer();
    if (!(await hasStatement(session, repository, wanted, key.publicKey))) {
        await attachStatement(session, repository, statement, key);
    }
}

/** Signs a cache as the registries' `trust` says; see {@link signCache}. */
export async function signCacheAt(
    registries: Registries,
    reference: string,
    digest: string,
): Promise<void> {
    const { trust } = registries;
    if (trust === undefined) return;
    await registries.ask(locate(reference), (session) =>
        signCache(session, reference, digest, trust),
    );
}
