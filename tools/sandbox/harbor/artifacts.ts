import { copyArtifact } from "./artifactCopy";
import { accessoriesOf, parentsOf, removeArtifact, resolveArtifact, tagsOf } from "./artifactStore";
import { accessoryView, artifactView } from "./artifactView";
import type { Api, Call, Reply } from "./core/api";
import { Fault, invalid, notFound, precondition, unsupported } from "./core/fault";
import { order, parseQ, type Searchable, satisfies, search, type Term } from "./core/listing";
import type { Artifact } from "./core/model";
import type { Store } from "./core/store";
import { refuseImmutableArtifact } from "./immutableGate";
import { allowedProjectName, projectFor, projectNamed } from "./projectAccess";
import { isDigest } from "./registry/target";
import { repositoryName } from "./repositories";
import { findRepository } from "./repositoryStore";
import { scannerOf } from "./scanners";
import { ArtifactEvent, tellArtifact } from "./webhookEvents";

/**
 * The artifact in a path, by tag or digest. @throws Fault when the account may not do this to it
 */
export function findArtifact(call: Call, resource: string, action: string): Artifact {
    const name = repositoryName(call, allowedProjectName(call, resource, action));
    const reference = call.param("reference");
    const { store } = call.services;
    // Harbor looks up a tag in its repository, and a digest without the repository.
    if (isDigest(reference) && findRepository(store, name) === undefined) {
        throw notFound(`artifact ${name}@${reference} not found`);
    }
    return resolveArtifact(store, name, reference);
}

/** Whether lists show an artifact: not accessories, nor untagged children of an index. */
function isShown(store: Store, artifact: Artifact): boolean {
    return (
        artifact.accessoryType === undefined &&
        (tagsOf(store, artifact.id).length > 0 || parentsOf(store, artifact).length === 0)
    );
}

const fields: Searchable<Artifact> = {
    id: (artifact) => artifact.id,
    digest: (artifact) => artifact.digest,
    type: (artifact) => artifact.type,
    media_type: (artifact) => artifact.mediaType,
    manifest_media_type: (artifact) => artifact.manifestMediaType,
    artifact_type: (artifact) => artifact.artifactType,
    push_time: (artifact) => artifact.pushed,
    pull_time: (artifact) => artifact.pulled,
    size: (artifact) => artifact.size,
    repository_id: (artifact) => artifact.repositoryId,
    project_id: (artifact) => artifact.projectId,
};

/** `tags=nil` means untagged and `tags=*` tagged; other values match names of tags. */
function matchesTags(store: Store, artifact: Artifact, term: Term | undefined): boolean {
    if (term === undefined) {
        return true;
    }
    const names = tagsOf(store, artifact.id).map((tag) => tag.name);
    if (term.kind === "exact" && term.value === "nil") {
        return names.length === 0;
    }
    if (term.kind === "exact" && term.value === "*") {
        return names.length > 0;
    }
    return satisfies(term, names);
}

function list(call: Call, artifacts: readonly Artifact[]): Reply {
    const { store } = call.services;
    const terms = parseQ(call.query("q"));
    const labels = terms.get("labels");
    const found = search(artifacts, terms, fields).filter(
        (artifact) =>
            isShown(store, artifact) &&
            matchesTags(store, artifact, terms.get("tags")) &&
            (labels === undefined || satisfies(labels, artifact.labelIds)),
    );
    return call.page(order(found, call.query("sort"), fields, "-id"), (artifact) =>
        artifactView(call, artifact),
    );
}

function listOfRepository(call: Call): Reply {
    const name = allowedProjectName(call, "artifact", "list");
    const { store } = call.services;
    const repository = findRepository(store, repositoryName(call, name));
    return list(
        call,
        store.of("artifacts").filter((artifact) => artifact.repositoryId === repository?.id),
    );
}

function listOfProject(call: Call): Reply {
    const project = projectFor(call, "artifact", "list");
    return list(
        call,
        call.services.store.of("artifacts").filter((one) => one.projectId === project.id),
    );
}

function remove(call: Call): Reply {
    const artifact = findArtifact(call, "artifact", "delete");
    refuseImmutableArtifact(call.services.store, artifact);
    const operator = call.account.kind === "anonymous" ? "" : call.account.name;
    tellArtifact(call.services, ArtifactEvent.Delete, artifact, operator);
    removeArtifact(call.services.store, artifact);
    return {};
}

function copy(call: Call): Promise<Reply> | Reply {
    const from = call.query("from");
    if (from === null) {
        throw invalid("from in query is required");
    }
    const project = projectNamed(call, "artifact", "create", call.param("project_name"));
    return copyArtifact(call, project, repositoryName(call, project.name), from);
}

function accessories(call: Call): Reply {
    const artifact = findArtifact(call, "accessory", "list");
    const { store } = call.services;
    return call.page(accessoriesOf(store, artifact), (accessory) =>
        accessoryView(store, artifact, accessory),
    );
}

function addition(call: Call): Reply {
    const artifact = findArtifact(call, "artifact-addition", "read");
    const kind = call.param("addition");
    if (kind === "build_history" && artifact.history.length > 0) {
        return { json: artifact.history };
    }
    if (kind === "vulnerabilities") {
        refuseToScan(call, artifact);
        throw notFound(`no scanner registration configured for project: ${artifact.projectId}`);
    }
    throw new Fault(400, "BAD_REQUEST", `addition ${kind} isn't supported for ${artifact.type}`);
}

/** A scanner may be registered, but is never asked to scan. */
function refuseToScan(call: Call, { projectId }: Artifact): void {
    if (scannerOf(call.services.store, projectId) !== undefined) {
        throw unsupported("vulnerability scans");
    }
}

function scan(call: Call): Reply {
    const artifact = findArtifact(call, "scan", "create");
    refuseToScan(call, artifact);
    throw precondition(`no available scanner for project: ${artifact.projectId}`);
}

export function artifactRoutes(api: Api): void {
    api.on("GET", "/projects/:project_name_or_id/artifacts", listOfProject);
    const all = "/projects/:project_name/repositories/:repository_name/artifacts";
    api.on("GET", all, listOfRepository);
    api.on("POST", all, copy);
    const one = `${all}/:reference`;
    api.on("GET", one, (call) => ({
        json: artifactView(call, findArtifact(call, "artifact", "read")),
    }));
    api.on("DELETE", one, remove);
    api.on("GET", `${one}/accessories`, accessories);
    api.on("GET", `${one}/additions/:addition`, addition);
    api.on("POST", `${one}/scan`, scan);
}
