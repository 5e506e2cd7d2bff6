import { RequestError, RequestErrorKind } from "../http/error";
import { bundleType, type Statement, signedBundle, verifiedStatement } from "../signing/bundle";
import type { Signer } from "../signing/key";
import { asList, asRecord, asText, parseJson } from "../text/lenientJson";
import { digestOf } from "./content";
import { attachReferrer, listReferrers } from "./referrers";
import type { RegistrySession } from "./session";

/** Number of bundles of an image that are read: anybody who may push can attach more. */
const bundlesMax = 100;
const predicateTypeKey = "dev.sigstore.bundle.predicateType";

/** A statement that somebody must have signed. */
export interface WantedStatement {
    /** Digest of the image's manifest or index. */
    readonly digest: string;
    readonly predicateType: string;
    /** Digest of the predicate. @default any predicate */
    readonly predicateDigest?: string | undefined;
}

/** The digest of a predicate, in the form in which a statement contains it. */
export const predicateDigest = (predicate: unknown): string => digestOf(JSON.stringify(predicate));

/**
 * Signs a statement about an image, and attaches it to the image.
 *
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function attachStatement(
    session: RegistrySession,
    repository: string,
    statement: Statement,
    signer: Signer,
): Promise<void> {
    await attachReferrer(session, repository, statement.digest, {
        type: bundleType,
        content: await signedBundle(statement, signer),
        annotations: {
            "dev.sigstore.bundle.content": "dsse-envelope",
            [predicateTypeKey]: statement.predicateType,
        },
    });
}

/**
 * Looks for a statement about an image that one of several keys has signed.
 *
 * @returns the digest of the manifest that holds the statement.
 * @throws RequestError when the registry refuses, or does not answer.
 */
export async function findStatement(
    session: RegistrySession,
    repository: string,
    wanted: WantedStatement,
    publicKeys: readonly string[],
): Promise<string | undefined> {
    const referrers = await listReferrers(session, repository, wanted.digest);
    const isCandidate = ({ artifactType, annotations }: Readonly<Record<string, unknown>>) => {
        const type = asRecord(annotations)[predicateTypeKey];
        return artifactType === bundleType && (type === undefined || type === wanted.predicateType);
    };
    const all = referrers.filter(isCandidate);
    // The order of the list is the registry's.
    const candidates =
        all.length > bundlesMax
            ? [...all.slice(0, bundlesMax / 2), ...all.slice(-bundlesMax / 2)]
            : all;
    let unread: { readonly error: unknown } | undefined;
    for (const candidate of candidates.reverse()) {
        const manifest = asText(candidate["digest"]);
        try {
            const bundle = await readBundle(session, repository, manifest);
            const isSigned = publicKeys.some((key) => {
                const statement = verifiedStatement(bundle, key);
                return statement !== undefined && fits(statement, wanted);
            });
            if (isSigned) return manifest;
        } catch (error) {
            // What others attach hides neither the statement nor that there is none.
            if (isOfRegistry(error)) unread = { error };
        }
    }
    if (unread !== undefined) throw unread.error;
    return undefined;
}

/**
 * Whether a key has signed a statement about an image, such as in a run that was interrupted after
 * that. False also when the registry does not say.
 */
export async function hasStatement(
    session: RegistrySession,
    repository: string,
    wanted: WantedStatement,
    publicKey: string,
): Promise<boolean> {
    // What is not there will be written.
    const found = session
        .loginToWrite(repository)
        .then(() => findStatement(session, repository, wanted, [publicKey]));
    return (await found.catch(() => undefined)) !== undefined;
}

/** Whether a bundle could not be read because of the registry, not because of its content. */
function isOfRegistry(error: unknown): boolean {
    return (
        error instanceof RequestError &&
        error.kind !== RequestErrorKind.Protocol &&
        error.status !== 404
    );
}

async function readBundle(
    session: RegistrySession,
    repository: string,
    manifest: string,
): Promise<string> {
    const read = await session.get(repository, `manifests/${manifest}`);
    if (read.fault !== undefined) throw read.fault;
    const [layer] = asList(asRecord(parseJson(read.response.body))["layers"]).map(asRecord);
    const { response, fault } = await session.get(repository, `blobs/${asText(layer?.["digest"])}`);
    if (fault !== undefined) throw fault;
    return response.body;
}

function fits({ digest, predicateType, predicate }: Statement, wanted: WantedStatement): boolean {
    return (
        digest === wanted.digest &&
        predicateType === wanted.predicateType &&
        (wanted.predicateDigest === undefined ||
            wanted.predicateDigest === predicateDigest(predicate))
    );
}
