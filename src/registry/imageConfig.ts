import { normalizePlatform } from "../oci/platform";
import { asList, asRecord, asRecords, asText, parseJson } from "../text/lenientJson";
import type { ContentPath } from "./content";
import type { CredentialsFor } from "./credentials";
import type { Location } from "./location";
import { askRegistry, type NoAnswer, type QuestionOptions, Refused } from "./question";
import type { RegistrySession } from "./session";

/** The parts of an image's configuration that affect builds on it. */
export interface ImageConfig {
    readonly env: Readonly<Record<string, string>>;
    /** The instructions of its ONBUILD triggers. */
    readonly triggers: readonly string[];
}

/** An image's configuration, or why it is unknown. */
export type ConfigAnswer = { readonly config: ImageConfig } | NoAnswer;

/**
 * Reads an image's configuration.
 *
 * @param platform selects an image of an index; the first image if there is no match or no platform
 */
export function readImageConfig(
    reference: string,
    platform: string | undefined,
    credentialsFor: CredentialsFor,
    options: QuestionOptions = {},
): Promise<ConfigAnswer> {
    return askRegistry(reference, credentialsFor, options, (session, location) =>
        askConfig(session, location, platform),
    );
}

async function askConfig(
    session: RegistrySession,
    { repository, selector }: Location,
    platform: string | undefined,
): Promise<{ readonly config: ImageConfig } | Refused> {
    const read = async (path: ContentPath) => {
        const answer = await session.get(repository, path);
        return answer.fault === undefined
            ? asRecord(parseJson(answer.response.body))
            : new Refused(answer.fault, answer);
    };
    let manifest = await read(`manifests/${selector}`);
    if (manifest instanceof Refused) return manifest;
    const child = childFor(asRecords(manifest["manifests"]), platform);
    if (child !== undefined) {
        manifest = await read(`manifests/${child}`);
        if (manifest instanceof Refused) return manifest;
    }
    const digest = asText(asRecord(manifest["config"])["digest"]);
    const config = await read(`blobs/${digest}`);
    return config instanceof Refused ? config : { config: parseConfig(asRecord(config["config"])) };
}

/** Digest of an index's image for a platform. */
function childFor(
    entries: readonly Readonly<Record<string, unknown>>[],
    platform: string | undefined,
): string | undefined {
    const named = entries.map((entry) => {
        const { os, architecture, variant } = asRecord(entry["platform"]);
        const parts = [os, architecture, variant].map(asText).filter((part) => part !== "");
        return { digest: asText(entry["digest"]), platform: normalizePlatform(parts.join("/")) };
    });
    const found = named.find((entry) => entry.platform === platform) ?? named[0];
    return found?.digest;
}

function parseConfig(config: Readonly<Record<string, unknown>>): ImageConfig {
    const env = asList(config["Env"]).map((pair) => {
        const [name = "", ...value] = asText(pair).split("=");
        return [name, value.join("=")] as const;
    });
    return { env: Object.fromEntries(env), triggers: asList(config["OnBuild"]).map(asText) };
}
