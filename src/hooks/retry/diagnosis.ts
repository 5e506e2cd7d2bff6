import type { ExplainLogin } from "../../explain/accountState";
import { BuildFaultKind } from "../../explain/buildFault";
import { noRegistryFix } from "../../explain/cacheText";
import { classifyBuildFault } from "../../explain/classify";
import { policyFix } from "../../explain/policyFix";
import { CacheSourceStatus } from "../../registry/cacheSource";
import { inspectCacheSources } from "../../registry/inspect";
import { locate } from "../../registry/location";
import type { RegistryOptions } from "../../registry/registries";
import { askRights } from "../../registry/rights";
import { Login, type TokenFacts } from "../../registry/token";
import { type ImageInputs, readImageInputs } from "../imageInputs";
import { loginsOf } from "../logins";

/** The registry's explanation of a refusal, from another request. */
interface Diagnosis {
    /** Whether the account may push now: then the refusal was temporary. */
    readonly mayPush: boolean;
    /**
     * Why the registry refuses, in full sentences; undefined when the request shows nothing new.
     */
    readonly detail: string | undefined;
    /** What to do about this reason, in full sentences; undefined to use the fault's own advice. */
    readonly advice?: string | undefined;
}

/** Options of {@link diagnose}. */
export interface DiagnosisOptions extends RegistryOptions {
    /** Explains why a login is rejected. @default no explanation */
    readonly explainLogin?: ExplainLogin | undefined;
}

/**
 * Asks the registry of an image's first tag why it refused a push: builds end with answers to HEAD
 * requests, which contain no reasons.
 */
export async function diagnose(
    error: string,
    newInputs: Record<string, unknown> | undefined,
    options: DiagnosisOptions,
): Promise<Diagnosis> {
    const inputs = await readImageInputs(newInputs);
    const [tag] = inputs.tags;
    if (tag === undefined || isUnanswerable(tag, inputs) || !isAbout(error, tag)) {
        return { mayPush: false, detail: undefined };
    }
    const [rights, obstacle] = await Promise.all([
        askRights(tag, loginsOf(inputs, options), options),
        findTagObstacle(inputs, options),
    ]);
    const mayPush = rights?.login === Login.Accepted && rights.actions?.includes("push") === true;
    if (obstacle !== undefined) {
        return { mayPush, ...obstacle };
    }
    const refused =
        rights?.login === Login.Rejected
            ? await options.explainLogin?.(
                  locate(tag).registry,
                  await usernameOf(tag, inputs, options),
              )
            : undefined;
    return refused === undefined
        ? { mayPush, detail: explainRights(tag, rights, error) }
        : { mayPush, detail: `${capitalized(refused.reason)}.`, advice: refused.advice };
}

async function usernameOf(
    tag: string,
    inputs: ImageInputs,
    options: DiagnosisOptions,
): Promise<string> {
    const login = await loginsOf(inputs, options)(locate(tag).registry);
    return login?.username ?? "";
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const isUnanswerable = (tag: string, { login }: ImageInputs): boolean =>
    login(locate(tag).registry) === "unknown";

/** Whether `error` can be about the tag's registry: a base image may come from another registry. */
function isAbout(error: string, tag: string): boolean {
    const hosts = [...error.matchAll(/https?:\/\/([^/\s"]+)/g)].map(([, host]) => host);
    return hosts.length === 0 || hosts.includes(locate(tag).server);
}

/** A policy or a missing project that blocks one of the tags, with the registry's message. */
async function findTagObstacle(
    inputs: ImageInputs,
    options: RegistryOptions,
): Promise<Omit<Diagnosis, "mayPush"> | undefined> {
    const states = await inspectCacheSources(inputs.tags, loginsOf(inputs, options), options);
    for (const { status, reason = "", reference, missingProject } of states) {
        if (status === CacheSourceStatus.Blocked) {
            return {
                detail: `The registry reports for ${reference}: ${reason.replace(/\.$/, "")}.`,
                advice: policyFix(reason, reference),
            };
        }
        if (status === CacheSourceStatus.NoRegistry) {
            return { detail: `${capitalized(reason)}.`, advice: noRegistryFix };
        }
        if (missingProject !== undefined) {
            return { detail: `The ${reason}: declare it, or correct its name.`, advice: "" };
        }
    }
    return undefined;
}

function explainRights(
    tag: string,
    rights: TokenFacts | undefined,
    error: string,
): string | undefined {
    const { registry, repository } = locate(tag);
    switch (rights?.login) {
        case Login.None:
            return `No login is given for ${registry}: use an account that may pull and push there.`;
        case Login.Rejected:
            return `The login for ${registry} is not accepted: its user or secret is wrong, or the account is disabled or has expired.`;
        case Login.Accepted: {
            if (rights.actions?.includes("push")) {
                // Other refusals of an account with all rights have nothing to do with the login.
                if (classifyBuildFault(error).kind !== BuildFaultKind.Unauthorized) {
                    return undefined;
                }
                return `The account may push in ${repository}, but the registry refused the push. Possible causes: a wrong clock, or a proxy that removes the login.`;
            }
            const held = rights.actions?.join(" and ") || "neither pull nor push";
            return `The account may ${held} in ${repository}; a push requires pull and push.`;
        }
        default:
            return undefined;
    }
}
