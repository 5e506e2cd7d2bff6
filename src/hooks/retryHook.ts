import { setTimeout as sleep } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { isBuilderSetUp } from "./builderSetUp";
import { type BuildFault, BuildFaultKind } from "./buildFault";
import { classifyBuildFault } from "./classify";
import { type DiagnosisOptions, diagnose } from "./diagnosis";
import { log } from "./log";

/** How often and how soon a build that met a passing fault is started again. */
export interface RetryOptions {
    /** Most builds after the first one; 0 for none. @default 3 */
    readonly retriesMax?: number | undefined;
    /** Wait before the second build, in milliseconds; doubles with each. @default 5000 */
    readonly delayMs?: number | undefined;
    /** Longest wait, in milliseconds. @default 60_000 */
    readonly delayMaxMs?: number | undefined;
    /** Says which instruction an error is about, when the error does not. @default nothing is said */
    readonly locate?:
        | ((error: string, inputs: Record<string, unknown> | undefined) => string | undefined)
        | undefined;
}

/** What is to be done about a build that failed. */
type RetryDecision =
    | { readonly retry: true; readonly delayMs: number; readonly message: string }
    | { readonly retry: false; readonly message: string | undefined };

/**
 * Makes the function of a hook that starts a failed build again when its fault may have passed, and
 * never after a refusal. BuildKit repeats single requests for some seconds (1, 2 and 4 s between
 * them) before it fails, so the waits here are longer.
 */
export function retryHook(options: RetryOptions & DiagnosisOptions): pulumi.ErrorHookFunction {
    return async ({ urn, failedOperation, errors, newInputs }) => {
        if (failedOperation === "delete") {
            return false;
        }
        // A hook that fails takes the place of the build's own error.
        const decision = await decideRetry(errors, newInputs, options).catch(
            () => ({ retry: false, message: undefined }) as const,
        );
        const place = decision.retry ? undefined : options.locate?.(errors[0] ?? "", newInputs);
        for (const message of [decision.message, place]) {
            if (message !== undefined) {
                await log("warning", message, urn);
            }
        }
        if (decision.retry) {
            await sleep(decision.delayMs);
        }
        return decision.retry;
    };
}

/** Decides what follows on `errors`, newest first. @internal */
export async function decideRetry(
    errors: readonly string[],
    newInputs: Record<string, unknown> | undefined,
    options: RetryOptions & DiagnosisOptions,
): Promise<RetryDecision> {
    const [fault, ...earlier] = errors.map(classifyBuildFault);
    const ask = () => diagnose(errors[0] ?? "", newInputs, options);
    switch (fault?.kind) {
        case BuildFaultKind.Passing:
            return fault.needsBuilder &&
                !isBuilderSetUp(errors[0] ?? "", options.env ?? process.env)
                ? refuse(fault)
                : again(fault, errors.length, options);
        case BuildFaultKind.Unauthorized: {
            const { mayPush, detail, advice } = await ask();
            // Once: a login that fails again although it has the rights will go on failing.
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

function again(fault: BuildFault, attempts: number, options: RetryOptions): RetryDecision {
    const { retriesMax = 3 } = options;
    if (attempts > retriesMax) {
        const counted = attempts === 1 ? "once" : `${attempts} times`;
        return {
            retry: false,
            message: sentences(`${fault.what}; tried ${counted}, given up`, fault.advice),
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

/** Joins a clause and the sentences that follow on it. */
function sentences(clause: string, ...rest: readonly string[]): string {
    return [`${clause}.`, ...rest.filter((one) => one !== "")].join(" ");
}

function backOff(attempt: number, { delayMs = 5000, delayMaxMs = 60_000 }: RetryOptions): number {
    const full = Math.min(delayMs * 2 ** (attempt - 1), delayMaxMs);
    // Half fixed, half random: runs that failed together do not come back together.
    return full / 2 + Math.random() * (full / 2);
}
