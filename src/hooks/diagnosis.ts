import { CacheSourceStatus } from "../registry/cacheSource";
import { inspectCacheSources } from "../registry/inspect";
import { locate } from "../registry/location";
import type { RegistryOptions } from "../registry/registries";
import { askRights } from "../registry/rights";
import { Login, type TokenFacts } from "../registry/token";
import { type ImageInputs, readImageInputs } from "./imageInputs";
import { loginsOf } from "./logins";

/** What the registry says itself when it is asked once more about a refusal. */
interface Diagnosis {
    /** Whether the account may push now: then the refusal was one of a moment. */
    readonly mayPush: boolean;
    /** Why the registry refuses, in full sentences; undefined when it says no more than before. */
    readonly detail: string | undefined;
}

/**
 * Asks the registry of an image's first tag why a push was refused: the answers that end a build,
 * to HEAD requests, carry no reasons.
 */
export async function diagnose(
    error: string,
    newInputs: Record<string, unknown> | undefined,
    options: RegistryOptions,
): Promise<Diagnosis> {
    const inputs = await readImageInputs(newInputs);
    const [tag] = inputs.tags;
    if (tag === undefined || isUnanswerable(tag, inputs) || !isAbout(error, tag)) {
        return { mayPush: false, detail: undefined };
    }
    const [rights, obstacle] = await Promise.all([
        askRights(tag, loginsOf(inputs, options), options),
        findObstacle(inputs, options),
    ]);
    const mayPush = rights?.login === Login.Accepted && rights.actions?.includes("push") === true;
    return { mayPush, detail: obstacle ?? explainRights(tag, rights) };
}

const isUnanswerable = (tag: string, { login }: ImageInputs): boolean =>
    login(locate(tag).registry) === "unknown";

/** Whether `error` can be about the tag's registry: a base image may come from another one. */
function isAbout(error: string, tag: string): boolean {
    const hosts = [...error.matchAll(/https?:\/\/([^/\s"]+)/g)].map(([, host]) => host);
    return hosts.length === 0 || hosts.includes(locate(tag).server);
}

/** A policy or a missing project that stands in the way of one of the tags, in the registry's words. */
async function findObstacle(
    inputs: ImageInputs,
    options: RegistryOptions,
): Promise<string | undefined> {
    const states = await inspectCacheSources(inputs.tags, loginsOf(inputs, options), options);
    for (const { status, reason = "", reference } of states) {
        if (status === CacheSourceStatus.Blocked) {
            return `The registry says of ${reference}: ${reason.replace(/\.$/, "")}.`;
        }
        if (reason.startsWith("project ")) {
            return `The ${reason}: declare it, or correct its name.`;
        }
    }
    return undefined;
}

function explainRights(tag: string, rights: TokenFacts | undefined): string | undefined {
    const { registry, repository } = locate(tag);
    switch (rights?.login) {
        case Login.None:
            return `No login is given for ${registry}: give one that may pull and push there.`;
        case Login.Rejected:
            return `The login for ${registry} is not accepted: its secret is wrong, or the robot account is disabled or has expired.`;
        case Login.Accepted: {
            const held = rights.actions?.join(" and ") || "neither pull nor push";
            return `The account may ${held} in ${repository}; pushing takes pull and push.`;
        }
        default:
            return undefined;
    }
}
