import { type CacheSourceState, CacheSourceStatus } from "../registry/cacheSource";
import { locate } from "../registry/location";

/** A line for the user, and whether something is wrong that can be put right. */
export interface CacheReport {
    readonly severity: "info" | "warning";
    readonly message: string;
}

/** What is known of an image's cache sources. */
interface CacheFindings {
    readonly states: readonly CacheSourceState[];
    /** References that must be there, since this stack has pushed them before. */
    readonly expected: ReadonlySet<string>;
    /** References that could not be asked for: their login is known only after the deployment. */
    readonly notAsked: readonly string[];
}

/** States that are wrong whoever pushed the cache, since the build asks for it in vain. */
const alwaysWrong: readonly CacheSourceStatus[] = [
    CacheSourceStatus.WithoutCache,
    CacheSourceStatus.Forbidden,
    CacheSourceStatus.Expired,
    CacheSourceStatus.Blocked,
    CacheSourceStatus.Unreachable,
];

/**
 * Says in one line how an image's cache sources stand and what that means for its build.
 *
 * @returns undefined when there are no sources to speak of.
 */
export function cacheReport(findings: CacheFindings): CacheReport | undefined {
    const { states, expected, notAsked } = findings;
    if (states.length === 0 && notAsked.length === 0) {
        return undefined;
    }
    const name = shortNames([...states.map(({ reference }) => reference), ...notAsked]);
    const wrong = states.filter(
        ({ status, reference }) =>
            alwaysWrong.includes(status) ||
            (status === CacheSourceStatus.Missing && expected.has(reference)),
    );
    const list = [
        ...states.map((state) => `${name(state.reference)} ${standing(state)}`),
        ...notAsked.map((reference) => `${name(reference)} is not asked for yet`),
    ].join(", ");
    const lines = [`cache: ${list}${consequence(findings)}`, ...explanations(wrong, name)];
    return { severity: wrong.length > 0 ? "warning" : "info", message: lines.join("\n") };
}

/** One line for each thing that is wrong, with all the sources that it is wrong with. */
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

function standing({ status, digest }: CacheSourceState): string {
    switch (status) {
        case CacheSourceStatus.There:
            return digest === undefined ? "is there" : `is there (${shortDigest(digest)})`;
        case CacheSourceStatus.WithoutCache:
            return "is there but carries no cache";
        case CacheSourceStatus.Expired:
            return "is out of reach (account expired)";
        default:
            return `is ${status}`;
    }
}

function consequence({ states, notAsked }: CacheFindings): string {
    if (states.some(({ status }) => status === CacheSourceStatus.There)) {
        return "";
    }
    if (notAsked.length > 0) {
        return "; their login is known only once the deployment has made it";
    }
    return "; the build starts cold, from nothing but what its builder still holds";
}

function advice({ status, reason = "", reference }: CacheSourceState): string {
    const { repository, registry } = locate(reference);
    switch (status) {
        case CacheSourceStatus.Missing:
            return `This stack pushed it before. Was it deleted by hand, or by a retention rule? Rules must keep tagged artifacts of ${repository}.`;
        case CacheSourceStatus.WithoutCache:
            return "Push it with an inline cache (--cache-to type=inline), or take it out of the cache sources.";
        case CacheSourceStatus.Expired:
            return "Give the robot account a longer duration, or a new secret to this stack.";
        case CacheSourceStatus.Blocked:
            return /signed/.test(reason)
                ? "Turn content trust off for this project, or keep the cache in a project without it: nobody signs a cache."
                : "Keep the cache in a project without vulnerability prevention, or as a registry cache (mode max), which Harbor does not scan.";
        case CacheSourceStatus.Forbidden:
            return `Give a login for ${registry} whose account may pull from ${repository}.`;
        default:
            return "This machine asked; the builder may reach it all the same.";
    }
}

const shortDigest = (digest: string): string => `${digest.slice(0, "sha256:".length + 12)}…`;

/** Names references by their tag alone where they share one repository. */
function shortNames(references: readonly string[]): (reference: string) => string {
    const places = new Set(
        references.map(locate).map((one) => `${one.registry}/${one.repository}`),
    );
    return places.size > 1 ? (reference) => reference : (reference) => locate(reference).selector;
}
