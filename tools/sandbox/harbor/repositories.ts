import { parentsOf, removeArtifact } from "./artifactStore";
import type { Api, Call, Reply } from "./core/api";
import { notFound } from "./core/fault";
import { string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type Repository } from "./core/model";
import type { Services } from "./core/services";
import { refuseImmutableArtifact } from "./immutableGate";
import { allowedProjectName, projectNamed } from "./projectAccess";
import { visibleProjects } from "./projects";
import { refreshUsage } from "./quotas";
import { findRepository } from "./repositoryStore";

/** The full name of the repository in a path; nested names are encoded twice. */
export function repositoryName(call: Call, projectName: string): string {
    return `${projectName}/${decodeURIComponent(call.param("repository_name"))}`;
}

function findRepositoryFor(call: Call, resource: string, action: string): Repository {
    const name = repositoryName(call, allowedProjectName(call, resource, action));
    const repository = findRepository(call.services.store, name);
    if (repository === undefined) {
        throw notFound(`repository ${name} not found`);
    }
    return repository;
}

function view(services: Services, repository: Repository): object {
    const artifacts = services.store
        .of("artifacts")
        .filter((a) => a.repositoryId === repository.id && a.accessoryType === undefined);
    const shown = artifacts.filter(
        (artifact) =>
            parentsOf(services.store, artifact).length === 0 ||
            services.store.of("tags").find((tag) => tag.artifactId === artifact.id) !== undefined,
    );
    return {
        artifact_count: shown.length,
        creation_time: repository.created,
        ...(repository.description === "" ? {} : { description: repository.description }),
        id: repository.id,
        name: repository.name,
        project_id: repository.projectId,
        pull_count: repository.pulls,
        update_time: repository.updated,
    };
}

const fields: Searchable<Repository> = {
    name: (repository) => repository.name,
    id: (repository) => repository.id,
    repository_id: (repository) => repository.id,
    project_id: (repository) => repository.projectId,
    creation_time: (repository) => repository.created,
    update_time: (repository) => repository.updated,
    pull_count: (repository) => repository.pulls,
};

function list(call: Call, repositories: readonly Repository[]): Reply {
    const found = search(repositories, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "-id"), (repository) =>
        view(call.services, repository),
    );
}

function listOfProject(call: Call): Reply {
    const project = projectNamed(call, "repository", "list", call.param("project_name"));
    return list(
        call,
        call.services.store.of("repositories").filter((r) => r.projectId === project.id),
    );
}

function listAll(call: Call): Reply {
    const ids = new Set(visibleProjects(call).map((project) => project.id));
    return list(
        call,
        call.services.store.of("repositories").filter((r) => ids.has(r.projectId)),
    );
}

function update(call: Call): Reply {
    const body = call.body("repository", struct("Repository", { description: string() }));
    const repository = findRepositoryFor(call, "repository", "update");
    call.services.store
        .of("repositories")
        .update(repository.id, { description: body.description ?? "", updated: now() });
    return {};
}

/** Deletes a repository with all its artifacts; refused if any tag is immutable. */
function remove(call: Call): Reply {
    const repository = findRepositoryFor(call, "repository", "delete");
    const { store } = call.services;
    store.transaction(() => {
        const mine = store
            .of("artifacts")
            .filter((artifact) => artifact.repositoryId === repository.id)
            .sort((a, b) => b.id - a.id);
        for (const artifact of mine) {
            refuseImmutableArtifact(store, artifact);
        }
        // Delete an index before its children, so that nothing references them.
        const indexesFirst = mine.sort((a, b) => b.children.length - a.children.length);
        for (const artifact of indexesFirst) {
            if (store.of("artifacts").get(artifact.id) !== undefined) {
                removeArtifact(store, artifact);
            }
        }
        store.of("repositories").remove(repository.id);
        refreshUsage(store, repository.projectId);
    });
    return {};
}

export function repositoryRoutes(api: Api): void {
    api.on("GET", "/repositories", listAll);
    api.on("GET", "/projects/:project_name/repositories", listOfProject);
    const one = "/projects/:project_name/repositories/:repository_name";
    api.on("GET", one, (call) => ({
        json: view(call.services, findRepositoryFor(call, "repository", "read")),
    }));
    api.on("PUT", one, update);
    api.on("DELETE", one, remove);
}
