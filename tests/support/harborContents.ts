import assert from "node:assert/strict";
import { askApi, type RegistryAccess } from "./registry";

/** What a project holds: by repository and manifest digest, the tags, sorted. */
export type HarborContents = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Everything in a project's repositories; undefined when there is no such project. */
export async function readContents(
    access: RegistryAccess,
    project: string,
): Promise<HarborContents | undefined> {
    const path = `/projects/${project}`;
    const { status } = await askApi(access, path);
    if (status === 404) {
        return undefined;
    }
    const contents: Record<string, Record<string, readonly string[]>> = {};
    for (const { name } of await list<{ name: string }>(access, `${path}/repositories`)) {
        const repository = name.slice(project.length + 1);
        // Harbor's router takes a slash in a name only when it is encoded twice.
        const encoded = encodeURIComponent(encodeURIComponent(repository));
        const artifacts = await list<{ digest: string; tags: { name: string }[] | null }>(
            access,
            `${path}/repositories/${encoded}/artifacts`,
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

/** The digest that bears a tag. */
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

async function list<T>(access: RegistryAccess, path: string): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page++) {
        const answer = await askApi(access, `${path}?page=${page}&page_size=100`);
        assert.equal(answer.status, 200, path);
        // Harbor's lists are arrays of objects.
        const found = answer.json as T[];
        items.push(...found);
        if (found.length < 100) {
            return items;
        }
    }
}
