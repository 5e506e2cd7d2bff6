import { accessoriesOf, removeArtifact, resolveArtifact } from "../artifactStore";
import { Fault } from "../core/fault";
import { type Artifact, now, type Project } from "../core/model";
import { refuseImmutableArtifact } from "../immutableGate";
import { scannerFor } from "../scans";
import { ArtifactEvent, tellArtifact } from "../webhookEvents";
import { pushesByToken } from "./authorize";
import {
    type Exchange,
    forwardHeaders,
    operatorOf,
    passBack,
    projectOf,
    upstreamOf,
} from "./exchange";
import { imageTypes, indexTypes } from "./manifest";
import { pullThrough } from "./proxyCache";
import { isDigest } from "./target";

const everyType = [...Object.values(imageTypes), ...Object.values(indexTypes), "*/*"].join(", ");

/**
 * GET and HEAD of a manifest. A manifest without a record in Harbor is missing, even if the
 * registry has it.
 */
export async function pullManifest(
    exchange: Exchange,
    repository: string,
    reference: string,
): Promise<void> {
    const { services, request } = exchange;
    const project = projectOf(services, repository);
    const held =
        project.registryId === undefined
            ? reference
            : await pullThrough(exchange, project, repository, reference);
    if (held === undefined) {
        return;
    }
    const artifact = resolveArtifact(services.store, repository, held);
    await enforcePolicies(exchange, project, artifact);
    const response = await upstreamOf(services).send(
        request.method,
        `/v2/${repository}/manifests/${artifact.digest}`,
        { ...forwardHeaders(exchange), accept: everyType },
    );
    if (request.method === "GET" && response.status === 200) {
        countPull(exchange, artifact, reference);
    }
    await passBack(exchange, response);
}

function countPull(exchange: Exchange, artifact: Artifact, reference: string): void {
    const { store } = exchange.services;
    const pulled = now();
    store.transaction(() => {
        store.of("artifacts").update(artifact.id, { pulled });
        const tag = store
            .of("tags")
            .find((t) => t.artifactId === artifact.id && t.name === reference);
        if (tag !== undefined) {
            store.of("tags").update(tag.id, { pulled });
        }
        const repository = store.of("repositories").get(artifact.repositoryId);
        if (repository !== undefined) {
            const changes = { pulls: repository.pulls + 1, updated: pulled };
            store.of("repositories").update(repository.id, changes);
        }
    });
    const tag = isDigest(reference) ? "" : reference;
    tellArtifact(exchange.services, ArtifactEvent.Pull, artifact, operatorOf(exchange), tag);
}

const violation = (message: string): Fault => new Fault(412, "PROJECTPOLICYVIOLATION", message);

/**
 * Content trust and vulnerability prevention. The sandbox reads no reports of scanners: an image is
 * blocked with the status of its scan, or as never scanned. An image that no scanner can scan
 * passes, as in Harbor 2.15 (src/controller/scan/checker.go).
 */
async function enforcePolicies(
    exchange: Exchange,
    project: Project,
    artifact: Artifact,
): Promise<void> {
    const { store } = exchange.services;
    const on = (key: string): boolean => project.metadata[key]?.toLowerCase() === "true";
    if (await skipsPolicies(exchange, project, artifact)) {
        return;
    }
    const signedBy = (type: string): boolean =>
        accessoriesOf(store, artifact).some((one) => one.accessoryType === type);
    if (on("enable_content_trust_cosign") && !signedBy("signature.cosign")) {
        throw violation("The image is not signed by cosign.");
    }
    if (on("enable_content_trust") && !signedBy("signature.notation")) {
        throw violation("The image is not signed by notation.");
    }
    if (on("prevent_vul") && (await isScannable(exchange, artifact))) {
        const severity = project.metadata["severity"] ?? "";
        const { scanStatus } = artifact;
        const scan =
            scanStatus === undefined
                ? "without vulnerability scanning"
                : `with "${scanStatus}" status of vulnerability scanning`;
        throw violation(
            `current image ${scan} cannot be pulled due to configured policy in ` +
                `'Prevent images with vulnerability severity of "${capitalise(severity)}" or higher from running.' ` +
                "To continue with pull, please contact your project administrator for help.",
        );
    }
}

/**
 * Whether policies do not apply: to signatures, and to clients that read what they are about to sign
 * (src/server/middleware/util/util.go, SkipPolicyChecking).
 */
async function skipsPolicies(
    { services, incoming, request }: Exchange,
    project: Project,
    artifact: Artifact,
): Promise<boolean> {
    const isSigner = /cosign|notation/.test(incoming.headers["user-agent"] ?? "");
    return (
        (isSigner && (await pushesByToken(services, request, project))) ||
        artifact.accessoryType === "signature.cosign" ||
        artifact.accessoryType === "signature.notation"
    );
}

const isScannable = async ({ services }: Exchange, artifact: Artifact): Promise<boolean> =>
    artifact.scanStatus !== undefined || (await scannerFor(services, artifact)) !== undefined;

const capitalise = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** DELETE of a manifest: by digest, with all its tags. */
export function deleteManifest(exchange: Exchange, repository: string, reference: string): void {
    const { services, outgoing } = exchange;
    if (!isDigest(reference)) {
        throw new Fault(
            400,
            "UNSUPPORTED",
            `unsupported digest ${reference}: invalid checksum digest format`,
        );
    }
    const artifact = resolveArtifact(services.store, repository, reference);
    refuseImmutableArtifact(services.store, artifact);
    tellArtifact(services, ArtifactEvent.Delete, artifact, operatorOf(exchange));
    removeArtifact(services.store, artifact);
    const headers = { "Docker-Distribution-Api-Version": "registry/2.0", "Content-Length": 0 };
    outgoing.writeHead(202, headers).end();
}
