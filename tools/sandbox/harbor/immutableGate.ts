import { tagsOf } from "./artifactStore";
import { precondition } from "./core/fault";
import type { Artifact, Project } from "./core/model";
import type { Services } from "./core/services";
import type { Store } from "./core/store";
import { findRepository } from "./repositoryStore";
import { selects, selectsRepository } from "./selectors";

/** Whether a rule of the project makes this tag immutable. */
export function isImmutable(
    store: Store,
    projectId: number,
    repository: string,
    tag: string,
): boolean {
    const inside = repository.slice(repository.indexOf("/") + 1);
    return store
        .of("immutableRules")
        .filter((rule) => rule.projectId === projectId && !rule.disabled)
        .some(
            (rule) =>
                selectsRepository(rule.scopeSelectors, inside) &&
                rule.tagSelectors.length > 0 &&
                rule.tagSelectors.every((selector) => selects(selector, tag)),
        );
}

const refusal = (repository: string, tag: string): Error => {
    const inside = repository.slice(repository.indexOf("/") + 1);
    return precondition(
        `Failed to process request due to '${inside}:${tag}' configured as immutable.`,
    );
};

/** Refuses a push to an existing immutable tag, even with the same content. */
export function refuseImmutable(
    services: Services,
    project: Project,
    repository: string,
    tag: string,
): void {
    const { store } = services;
    const record = findRepository(store, repository);
    const taken = store.of("tags").find((t) => t.repositoryId === record?.id && t.name === tag);
    if (taken !== undefined && isImmutable(store, project.id, repository, tag)) {
        throw refusal(repository, tag);
    }
}

/** Refuses to delete an immutable tag. */
export function refuseImmutableTag(store: Store, artifact: Artifact, tag: string): void {
    const repository = store.of("repositories").get(artifact.repositoryId)?.name ?? "";
    if (isImmutable(store, artifact.projectId, repository, tag)) {
        throw precondition(`the tag ${tag} configured as immutable, cannot be deleted`);
    }
}

/** Refuses to delete an artifact with an immutable tag. */
export function refuseImmutableArtifact(store: Store, artifact: Artifact): void {
    for (const tag of tagsOf(store, artifact.id)) {
        refuseImmutableTag(store, artifact, tag.name);
    }
}
