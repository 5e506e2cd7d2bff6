import { RequestError, RequestErrorKind } from "../http/error";
import { reasonOf } from "../text/reason";
import { type CacheSourceState, CacheSourceStatus } from "./cacheSource";
import { digestOf, isDigest } from "./content";
import type { CredentialsFor } from "./credentials";
import { type Location, locate } from "./location";
import { cacheLead, hasInlineCache } from "./manifest";
import { explainRefusal } from "./refusal";
import { Registries, type RegistryOptions, timeoutMsDefault } from "./registries";
import type { RegistrySession } from "./session";
import { isTrusted } from "./signedCaches";

/** Maximum number of manifests of an index to search for a cache. */
const childrenMax = 8;

/**
 * Finds the states of cache sources in parallel, with the same requests as a build: pulls the manifest
 * and, for an inline cache, the config. Never throws; an unknown state is a state too.
 *
 * @returns one state for each reference, in the same order.
 */
export async function inspectCacheSources(
    references: readonly string[],
    credentialsFor: CredentialsFor,
    options: RegistryOptions = {},
): Promise<readonly CacheSourceState[]> {
    const registries = new Registries(credentialsFor, options);
    try {
        return await Promise.all(
            references.map(async (reference) => {
                const location = locate(reference);
                try {
                    return await registries.ask(location, (session) =>
                        inspect(session, location, credentialsFor, options),
                    );
                } catch (error) {
                    const status = CacheSourceStatus.Unreachable;
                    return { reference, status, reason: unreachableReason(error, options) };
                }
            }),
        );
    } finally {
        registries.close();
    }
}

async function inspect(
    session: RegistrySession,
    location: Location,
    credentialsFor: CredentialsFor,
    { trust }: RegistryOptions,
): Promise<CacheSourceState> {
    const { reference, repository, selector } = location;
    const answer = await session.get(repository, `manifests/${selector}`);
    const { response } = answer;
    if (answer.fault?.status === 404 && (await session.start()).status === 404) {
        const reason = `${location.server} answers 404 to /v2/: no registry is at this address`;
        return { reference, status: CacheSourceStatus.NoRegistry, reason };
    }
    if (answer.fault !== undefined) {
        const credentials = await credentialsFor(location.registry);
        return { reference, ...explainRefusal(location, answer.fault, answer, credentials) };
    }
    const digest = isDigest(selector) ? selector : digestOf(response.body);
    const mediaType = response.headers["content-type"];
    const found = { reference, digest, ...(mediaType ? { mediaType } : {}) };
    if (trust !== undefined && !(await isTrusted(session, reference, digest, trust))) {
        const reason =
            "it has no signature by the key of this stack for this reference; whoever may push there can have written it";
        return { ...found, status: CacheSourceStatus.Untrusted, reason };
    }
    return (await carriesCache(session, repository, response.body))
        ? { ...found, status: CacheSourceStatus.There }
        : {
              ...found,
              status: CacheSourceStatus.WithoutCache,
              reason: "the image carries no cache; it was not exported with an inline cache",
          };
}

async function carriesCache(
    session: RegistrySession,
    repository: string,
    manifest: string,
): Promise<boolean> {
    const lead = cacheLead(manifest);
    switch (lead.kind) {
        case "cache":
            return true;
        case "none":
            return false;
        case "config": {
            const { response } = await session.get(repository, `blobs/${lead.digest}`);
            // An unreadable config proves nothing: the registry did return the manifest.
            return response.status !== 200 || hasInlineCache(response.body);
        }
        case "manifests": {
            const children = await Promise.all(
                lead.digests.slice(0, childrenMax).map(async (digest) => {
                    const { response } = await session.get(repository, `manifests/${digest}`);
                    const child = response.status === 200 ? cacheLead(response.body) : undefined;
                    // Skip an index inside an index, as BuildKit does.
                    return child?.kind === "config"
                        ? carriesCache(session, repository, response.body)
                        : child?.kind === "cache";
                }),
            );
            return children.includes(true);
        }
    }
}

function unreachableReason(error: unknown, options: RegistryOptions): string {
    if (!(error instanceof RequestError)) {
        return error instanceof SyntaxError
            ? "its manifest is not JSON"
            : `the request failed: ${reasonOf(error)}`;
    }
    if (error.kind === RequestErrorKind.Cancelled || error.kind === RequestErrorKind.Timeout) {
        const seconds = (options.timeoutMs ?? timeoutMsDefault) / 1000;
        return `the registry did not answer within ${seconds} s`;
    }
    return error.reason;
}
