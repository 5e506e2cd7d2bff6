import { normalizePlatform } from "../oci/platform";
import type { CredentialsFor } from "./credentials";
import { list, record, text } from "./json";
import type { Location } from "./location";
import { manifestTypes } from "./manifest";
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
    const read = async (path: string, accept?: string) => {
        const answer = await session.get(repository, path, accept);
        return answer.fault === undefined
            ? record(JSON.parse(answer.response.body))
            : new Refused(answer.fault, answer);
    };
    let manifest = await read(`manifests/${selector}`, manifestTypes);
    if (manifest instanceof Refused) return manifest;
    const child = childFor(list(manifest["manifests"]).map(record), platform);
    if (child !== undefined) {
        manifest = await read(`manifests/${child}`, manifestTypes);
        if (manifest instanceof Refused) return manifest;
    }
    const digest = text(record(manifest["config"])["digest"]);
    const config = await read(`blobs/${digest}`);
    return config instanceof Refused ? config : { config: parseConfig(record(config["config"])) };
}

/** Digest of an index's image for a platform. */
function childFor(
    entries: readonly Readonly<Record<string, unknown>>[],
    platform: string | undefined,
): string | undefined {
    const named = entries.map((entry) => {
        const { os, architecture, variant } = record(entry["platform"]);
        const parts = [os, architecture, variant].map(text).filter((part) => part !== "");
        return { digest: text(entry["digest"]), platform: normalizePlatform(parts.join("/")) };
    });
    const found = named.find((entry) => entry.platform === platform) ?? named[0];
    return found?.digest;
}

function parseConfig(config: Readonly<Record<string, unknown>>): ImageConfig {
    const env = list(config["Env"]).map((pair) => {
        const [name = "", ...value] = text(pair).split("=");
        return [name, value.join("=")] as const;
    });
    return { env: Object.fromEntries(env), triggers: list(config["OnBuild"]).map(text) };
}
