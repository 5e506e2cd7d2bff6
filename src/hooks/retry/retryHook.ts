import { setTimeout as sleep } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { builderNodes, hasBuilders, isDaemon } from "../../buildkit/builders";
import { observing } from "../../engine/hook";
import { type BuildFault, BuildFaultKind } from "../../explain/buildFault";
import { classifyBuildFault } from "../../explain/classify";
import { containedFault } from "../../explain/containedBuilder";
import { readImageInputs } from "../imageInputs";
import { log } from "../log";
import { type DiagnosisOptions, diagnose } from "./diagnosis";

/** How often and when to retry a build after a temporary fault. */
export interface BuildRetryOptions {
    /** Maximum number of retries; 0 for none. @default 3 */
    readonly retriesMax?: number | undefined;
    /** Wait before the first retry, in milliseconds; doubles with each retry. @default 5000 */
    readonly delayMs?: number | undefined;
    /** Longest wait, in milliseconds. @default 60_000 */
    readonly delayMaxMs?: number | undefined;
    /** Finds the instruction that an error is about, if the error does not name it. @default not reported */
    readonly locate?:
        | ((error: string, inputs: Record<string, unknown> | undefined) => string | undefined)
        | undefined;
}

/** What to do after a failed build. */
type RetryDecision =
    | { readonly retry: true; readonly delayMs: number; readonly message: string }
    | { readonly retry: false; readonly message: string | undefined };

/**
 * Creates the function of a hook that retries a build after a temporary fault, and never after a
 * refusal. BuildKit repeats single requests for some seconds (with waits of 1, 2 and 4 s) before it
 * fails, so the waits here are longer.
 */
export function retryHook(options: BuildRetryOptions & DiagnosisOptions): pulumi.ErrorHookFunction {
    return async ({ urn, failedOperation, errors, newInputs }) => {
        if (failedOperation === "delete") {
            return false;
        }
        // The error of a failed hook would replace the build's own error.
        const decision = await decideRetry(errors, newInputs, options).catch(
            () => ({ retry: false, message: undefined }) as const,
        );
        await observing(async () => {
            const place = decision.retry ? undefined : options.locate?.(errors[0] ?? "", newInputs);
            for (const message of [decision.message, place]) {
                if (message !== undefined) {
                    await log("warning", message, urn);
                }
            }
        })();
        if (decision.retry) {
            await sleep(decision.delayMs);
        }
        return decision.retry;
    };
}

/** Decides what to do after `errors`, newest first. @internal */
export async function decideRetry(
    errors: readonly string[],
    newInputs: Record<string, unknown> | undefined,
    options: BuildRetryOptions & DiagnosisOptions,
): Promise<RetryDecision> {
    const [fault, ...earlier] = errors.map(classifyBuildFault);
    const ask = () => diagnose(errors[0] ?? "", newInputs, options);
    switch (fault?.kind) {
        case BuildFaultKind.Temporary: {
            const [error = ""] = errors;
            const env = options.env ?? process.env;
            const { builder } = await readImageInputs(newInputs);
            // docker-build starts a container in place of Docker's own builder.
            const places =
                builder !== undefined && isDaemon(env, builder)
                    ? [{ driver: "docker-container", options: {} }]
                    : builderNodes(env, builder);
            const contained = containedFault(error, places);
            if (contained !== undefined) return refuse(contained);
            // A builder or Docker that is set up may answer soon.
            const hasNone = /: no such file or directory/.test(error) && !hasBuilders(env);
            return fault.needsBuilder && hasNone
                ? refuse(fault)
                : again(fault, errors.length, options);
        }
        case BuildFaultKind.Unauthorized: {
            const { mayPush, detail, advice } = await ask();
            // Once: a login that has the rights and fails twice will keep failing.
            return mayPush && !earlier.some(({ kind }) => kind === fault.kind)
                ? again(
                      { ...fault, what: `${fault.what}, ${oneOfAMoment}` },
                      errors.length,
                      options,
                  )
                : refuse(
                      { ...fault, advice: advice ?? (detail === undefined ? fault.advice : "") },
                      detail,
                  );
        }
        case BuildFaultKind.Refused: {
            const asked = fault.unexplained ? await ask() : undefined;
            return refuse({ ...fault, advice: asked?.advice ?? fault.advice }, asked?.detail);
        }
        default:
            return fault?.advice ? refuse(fault) : { retry: false, message: undefined };
    }
}

const oneOfAMoment =
    "but the account may push now: the token had expired, or Harbor had locked the user after a failed login";

function again(fault: BuildFault, attempts: number, options: BuildRetryOptions): RetryDecision {
    const retriesMax = Math.min(options.retriesMax ?? 3, fault.retriesMax ?? Infinity);
    if (attempts > retriesMax) {
        const counted = attempts === 1 ? "one attempt" : `${attempts} attempts`;
        return {
            retry: false,
            message: sentences(`${fault.what}; gave up after ${counted}`, fault.advice),
        };
    }
    const delayMs = backOff(attempts, options);
    const seconds = (delayMs / 1000).toFixed(1);
    const count = `retry ${attempts} of ${retriesMax}`;
    return {
        retry: true,
        delayMs,
        message: `${fault.what}; building again in ${seconds} s (${count})`,
    };
}

function refuse(fault: BuildFault, detail = ""): RetryDecision {
    return {
        retry: false,
        message: sentences(`${fault.what}; not retried`, detail, fault.advice),
    };
}

/** Joins a clause and the sentences after it. */
function sentences(clause: string, ...rest: readonly string[]): string {
    return [`${clause}.`, ...rest.filter((one) => one !== "")].join(" ");
}

function backOff(
    attempt: number,
    { delayMs = 5000, delayMaxMs = 60_000 }: BuildRetryOptions,
): number {
    const full = Math.min(delayMs * 2 ** (attempt - 1), delayMaxMs);
    // Half fixed, half random, so that runs that failed together do not retry together.
    return full / 2 + Math.random() * (full / 2);
}
