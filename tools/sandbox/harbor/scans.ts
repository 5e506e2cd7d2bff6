import { isImage } from "./artifactStore";
import type { Artifact, Project, Scanner } from "./core/model";
import type { Services } from "./core/services";
import { orderScan, scannedTypes } from "./scannerAdapter";
import { scannerOf } from "./scanners";

/**
 * Scans a pushed image if its project requires that. Like Harbor, the sandbox scans after its
 * answer: the image is `Pending` at first.
 */
export async function scanPushed(
    services: Services,
    project: Project,
    artifact: Artifact,
): Promise<void> {
    const isOn = project.metadata["auto_scan"]?.toLowerCase() === "true";
    const scanner = isOn ? await scannerFor(services, artifact) : undefined;
    if (scanner !== undefined) {
        startScan(services, scanner, artifact);
    }
}

/** The scanner for an artifact; undefined when no scanner can scan it. */
export async function scannerFor(
    { store }: Services,
    artifact: Artifact,
): Promise<Scanner | undefined> {
    const scanner = scannerOf(store, artifact.projectId);
    if (scanner === undefined || !isImage(artifact)) {
        return undefined;
    }
    const types = await scannedTypes(scanner);
    return types?.has(artifact.manifestMediaType) ? scanner : undefined;
}

/**
 * Asks the scanner. A scan that the scanner accepts never ends, because the sandbox reads no
 * reports.
 */
function startScan(services: Services, scanner: Scanner, artifact: Artifact): void {
    const { store, externalUrl } = services;
    const artifacts = store.of("artifacts");
    artifacts.update(artifact.id, { scanStatus: "Pending" });
    const order = {
        registry: { url: externalUrl() },
        artifact: {
            repository: store.of("repositories").get(artifact.repositoryId)?.name,
            digest: artifact.digest,
            mime_type: artifact.manifestMediaType,
        },
    };
    void orderScan(scanner, order).then((isTaken) => {
        if (!services.isClosed() && artifacts.get(artifact.id) !== undefined) {
            artifacts.update(artifact.id, { scanStatus: isTaken ? "Running" : "Error" });
        }
    });
}
