import { type CacheSourceState, CacheSourceStatus } from "../registry/cacheSource";
import { locate } from "../registry/location";
import { contentTrustFix, vulnerabilityFix } from "./policyFix";

/** What to do when no registry is at an address. */
export const noRegistryFix =
    "Set registry to the host of an OCI registry, with its port, as docker login names it.";

/** Caches whose records the component adds to the stack's cache, or would add outside of a preview. */
export interface Additions {
    readonly into: string;
    /** References of the caches with records that the stack's cache lacks. */
    readonly from: readonly string[];
    /** Whether this is a preview, which writes nothing; the next deployment adds them. */
    readonly isAhead: boolean;
    /** Why nothing was added. */
    readonly reason?: string;
}

/** A line for the user; a warning if the user can fix something. */
export interface CacheReport {
    readonly severity: "info" | "warning";
    readonly message: string;
}

/** Findings about an image's cache sources. */
interface CacheFindings {
    readonly states: readonly CacheSourceState[];
    /** References that must exist, since this stack has pushed them before. */
    readonly expected: ReadonlySet<string>;
    /** References that this stack writes. */
    readonly own: ReadonlySet<string>;
    /** References that were not requested: their login is known only after the deployment. */
    readonly notAsked: readonly string[];
    /** @default none */
    readonly additions?: Additions | undefined;
}

/** States that are faults regardless of who pushed the cache, because the build cannot read it. */
const alwaysWrong: readonly CacheSourceStatus[] = [
    CacheSourceStatus.WithoutCache,
    CacheSourceStatus.Untrusted,
    CacheSourceStatus.Forbidden,
    CacheSourceStatus.LoginRefused,
    CacheSourceStatus.Expired,
    CacheSourceStatus.Blocked,
    CacheSourceStatus.NoRegistry,
    CacheSourceStatus.Unreachable,
];

/**
 * Summarizes the state of an image's cache sources, and what it means for the build, in one line.
 *
 * @returns undefined without cache sources.
 */
export function cacheReport(findings: CacheFindings): CacheReport | undefined {
    const { states, expected, own, notAsked, additions } = findings;
    if (states.length === 0 && notAsked.length === 0) {
        return undefined;
    }
    const name = shortNames([...states.map(({ reference }) => reference), ...notAsked]);
    const written = new Set([...own].map(projectOf));
    const wrong = states.filter(
        ({ status, reference, missingProject }) =>
            alwaysWrong.includes(status) ||
            (status === CacheSourceStatus.Missing && expected.has(reference)) ||
            // No run of this program creates the project.
            (missingProject !== undefined && !written.has(projectOf(reference))),
    );
    const list = [
        ...states.map((state) => `${name(state.reference)} ${standing(state, { expected, own })}`),
        ...notAsked.map((reference) => `${name(reference)} has not been checked yet`),
    ].join(", ");
    const lines = [
        `cache: ${list}${additions === undefined ? consequence(findings) : outcome(additions, name)}`,
        ...explanations(wrong, name),
    ];
    const isWrong = wrong.length > 0 || additions?.reason !== undefined;
    return { severity: isWrong ? "warning" : "info", message: lines.join("\n") };
}

/** The result of adding the records of other caches. */
function outcome(
    { into, from, isAhead, reason }: Additions,
    name: (reference: string) => string,
): string {
    const records = `the records of ${from.map(name).join(", ")}`;
    if (reason !== undefined) {
        return `; ${records} could not be added to ${name(into)}, and the build starts without them: ${reason}`;
    }
    return isAhead
        ? `; the next deployment adds ${records} to ${name(into)}, and a preview builds without them`
        : `; ${records} are added to ${name(into)}`;
}

/** One line for each fault, with all sources that have it. */
function explanations(
    wrong: readonly CacheSourceState[],
    name: (reference: string) => string,
): readonly string[] {
    const sources = new Map<string, string[]>();
    for (const state of wrong) {
        const text = `${state.reason?.replace(/\.$/, "")}. ${advice(state)}`;
        sources.set(text, [...(sources.get(text) ?? []), name(state.reference)]);
    }
    return [...sources].map(([text, names]) => `  ${names.join(", ")}: ${text}`);
}

function standing(
    { status, digest, reference }: CacheSourceState,
    { expected, own }: Pick<CacheFindings, "expected" | "own">,
): string {
    switch (status) {
        case CacheSourceStatus.There:
            return digest === undefined ? "exists" : `exists (${shortDigest(digest)})`;
        case CacheSourceStatus.WithoutCache:
            return "exists but contains no cache";
        case CacheSourceStatus.Missing:
            if (expected.has(reference)) {
                return "was deleted";
            }
            return own.has(reference) ? "is not written yet" : "is missing";
        case CacheSourceStatus.LoginRefused:
            return "cannot be read (login refused)";
        case CacheSourceStatus.Expired:
            return "cannot be read (account expired)";
        default:
            return `is ${status}`;
    }
}

function consequence({ states, notAsked }: CacheFindings): string {
    if (states.some(({ status }) => status === CacheSourceStatus.There)) {
        return "";
    }
    if (notAsked.length > 0) {
        return "; their login is known only after the deployment creates it";
    }
    return "; the build starts with only the builder's local cache";
}

function advice(state: CacheSourceState): string {
    const { status, reason = "", reference, missingProject } = state;
    const { repository, registry } = locate(reference);
    if (state.advice !== undefined) {
        return state.advice;
    }
    if (missingProject !== undefined) {
        return "Correct the name of the project, or create it.";
    }
    switch (status) {
        case CacheSourceStatus.Missing:
            return `This stack pushed it before, unless a warning reported that the cache was not written. Was it deleted by hand, or by a retention rule? Rules must keep tagged artifacts of ${repository}; those of an ImageProject keep them for retention.cacheDays.`;
        case CacheSourceStatus.WithoutCache:
            return "Push it with an inline cache (--cache-to type=inline), or remove it from the cache sources.";
        case CacheSourceStatus.LoginRefused:
        case CacheSourceStatus.Expired:
            return "Use a valid login (credentials, or secrets of an ImageProject).";
        case CacheSourceStatus.Untrusted:
            return "The build starts without it, and a build with the private key writes a signed one. Expected after sign is set, after its key is changed, or after a build that could not sign its cache. To use caches of the old key, add its public key to cache.publicKeys. Otherwise somebody else may have written the cache: see docs/guides/poisoned-cache.md.";
        case CacheSourceStatus.Blocked:
            return /signed/.test(reason) ? contentTrustFix : vulnerabilityFix;
        case CacheSourceStatus.NoRegistry:
            return noRegistryFix;
        case CacheSourceStatus.Forbidden:
            return `Give a login for ${registry} whose account may pull from ${repository}: credentials for the registry of the images, \`docker login\` on this machine for any other.`;
        default:
            return "This machine cannot reach the registry; the builder may still reach it.";
    }
}

function projectOf(reference: string): string {
    const { registry, repository } = locate(reference);
    return `${registry}/${repository.split("/", 1)[0]}`;
}

const shortDigest = (digest: string): string => `${digest.slice(0, "sha256:".length + 12)}…`;

/** Shortens references to their tags if they share one repository. */
function shortNames(references: readonly string[]): (reference: string) => string {
    const places = new Set(
        references.map(locate).map((one) => `${one.registry}/${one.repository}`),
    );
    return places.size > 1 ? (reference) => reference : (reference) => locate(reference).selector;
}
