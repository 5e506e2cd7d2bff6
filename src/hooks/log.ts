import * as pulumi from "@pulumi/pulumi";

/** Logs a line for a resource. */
export async function log(
    severity: "info" | "warning",
    message: string,
    urn: string,
): Promise<void> {
    const resource = new pulumi.DependencyResource(urn);
    await (severity === "warning"
        ? pulumi.log.warn(message, resource)
        : pulumi.log.info(message, resource));
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
