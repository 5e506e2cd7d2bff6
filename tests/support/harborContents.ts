import assert from "node:assert/strict";
import { listApi, projectExists, type RegistryAccess, repositoryPath } from "./registry";

/** The contents of a project: sorted tags by repository and manifest digest. */
export type HarborContents = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Everything in a project's repositories; undefined for a missing project. */
export async function readContents(
    access: RegistryAccess,
    project: string,
): Promise<HarborContents | undefined> {
    if (!(await projectExists(access, project))) {
        return undefined;
    }
    const contents: Record<string, Record<string, readonly string[]>> = {};
    const repositories = `/projects/${project}/repositories`;
    for (const { name } of await listApi<{ name: string }>(access, repositories)) {
        const repository = name.slice(project.length + 1);
        const artifacts = await listApi<{ digest: string; tags: { name: string }[] | null }>(
            access,
            `${repositoryPath(project, repository)}/artifacts`,
        );
        contents[repository] = Object.fromEntries(
            artifacts.map(({ digest, tags }) => [
                digest,
                (tags ?? []).map((tag) => tag.name).sort(),
            ]),
        );
    }
    return contents;
}

/** The digest of a tag. */
export function taggedDigest(
    contents: HarborContents | undefined,
    repository: string,
    tag: string,
): string {
    const found = Object.entries(contents?.[repository] ?? {}).find(([, tags]) =>
        tags.includes(tag),
    );
    assert.ok(found, `${repository}:${tag} is in ${JSON.stringify(contents)}`);
    return found[0];
}

/** Every manifest, as `repository@digest`, sorted. */
export function manifestsIn(contents: HarborContents | undefined): readonly string[] {
    return Object.entries(contents ?? {})
        .flatMap(([repository, digests]) =>
            Object.keys(digests).map((digest) => `${repository}@${digest}`),
        )
        .sort();
}
