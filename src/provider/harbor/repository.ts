import type { HarborClient } from "../../harbor/client";
import { requiredText } from "../../harbor/json";

/** Names of a project's repositories, without the project's name. */
export async function listRepositories(client: HarborClient, project: string): Promise<string[]> {
    const found = await client.list(`/projects/${encodeURIComponent(project)}/repositories`);
    return found.map((item) => requiredText(item, "name").slice(project.length + 1));
}

/** Deletes a repository with all its artifacts; succeeds when the repository is already gone. */
export async function deleteRepository(
    client: HarborClient,
    project: string,
    repository: string,
): Promise<void> {
    await client.delete(repositoryPath(project, repository));
}

/** A repository's address in the API. Harbor requires double-encoded slashes in nested names. */
export function repositoryPath(project: string, repository: string): string {
    const name = encodeURIComponent(encodeURIComponent(repository));
    return `/projects/${encodeURIComponent(project)}/repositories/${name}`;
}
