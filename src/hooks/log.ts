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
