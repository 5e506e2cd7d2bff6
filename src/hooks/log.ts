import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

/** Longest wait for a line to reach the engine, in milliseconds. */
const sendMaxMs = 1000;

/**
 * Logs a line for a resource. The SDK sends all lines in order, and a line about a resource waits until
 * that is registered. If the program has logged about a resource that waits for this one, this line
 * comes later: waiting for it would never end.
 */
export async function log(
    severity: "info" | "warning",
    message: string,
    urn: string,
): Promise<void> {
    const resource = new pulumi.DependencyResource(urn);
    const sent =
        severity === "warning"
            ? pulumi.log.warn(message, resource)
            : pulumi.log.info(message, resource);
    await Promise.race([sent, sleep(sendMaxMs, undefined, { ref: false })]);
}

/** Logs a line once a resource is registered. Until then, the line would hold back all later lines. */
export function logRegistered(
    severity: "info" | "warning",
    message: string,
    resource: pulumi.Resource,
): void {
    resource.urn.apply((urn) => log(severity, message, urn));
}

/** Time after which a resource's status shows what it waits for, in milliseconds. */
const waitDelayMs = 2000;

/** Shows what a resource waits for in its status, if `work` takes long. */
export async function showWait<T>(message: string, urn: string, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
        void pulumi.log.info(message, new pulumi.DependencyResource(urn), undefined, true);
    }, waitDelayMs);
    try {
        return await work;
    } finally {
        clearTimeout(timer);
    }
}
