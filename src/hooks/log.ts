import * as pulumi from "@pulumi/pulumi";

/** Writes a line beside the resource it is about. */
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
