import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { ask, basic, pull, type RegistryAccess, repositoryPath } from "./registry";

/** A user name and its password; empty for nobody. */
export interface Account {
    readonly username: string;
    readonly password: string;
}

/** A tag of a repository, `NAME` below the project. */
export interface Target {
    readonly project: string;
    readonly repository: string;
    readonly tag: string;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

/**
 * Tries to change a tag, and what it consists of, in every way that the registry and Harbor's API
 * have; returns the status of each answer.
 *
 * @param source an image that is there and that the account may pull, `PROJECT/NAME:TAG`
 */
export async function tryToChange(
    harbor: RegistryAccess,
    account: Account,
    { project, repository, tag }: Target,
    source: string,
): Promise<Readonly<Record<string, number>>> {
    const full = `${project}/${repository}`;
    const [from] = source.split(":");
    const token = await tokenFor(harbor, account, [
        `repository:${full}:pull,push,delete`,
        `repository:${from}:pull`,
    ]);
    const send = async (method: string, path: string, body = "", type = manifestType) => {
        const headers = { authorization: `Bearer ${token}`, "content-type": type };
        const url = `${harbor.url}/v2/${full}/${path}`;
        return (await ask(harbor, url, { method, headers, body })).status;
    };
    const api = async (method: string, path: string, body?: object) => {
        const url = `${harbor.url}/api/v2.0${repositoryPath(project, repository)}${path}`;
        const headers = { ...loginOf(account), "content-type": "application/json" };
        const text = body === undefined ? {} : { body: JSON.stringify(body) };
        return (await ask(harbor, url, { method, headers, ...text })).status;
    };
    const digest = `sha256:${"0".repeat(64)}`;
    const empty = { mediaType: "application/vnd.oci.empty.v1+json", digest, size: 2 };
    const manifest = { schemaVersion: 2, mediaType: manifestType, config: empty, layers: [] };
    return {
        upload: await send("POST", "blobs/uploads/"),
        mount: await send("POST", `blobs/uploads/?mount=${digest}&from=${from}`),
        manifest: await send("PUT", `manifests/${tag}`, JSON.stringify(manifest)),
        deletion: await send("DELETE", `manifests/${tag}`),
        tag: await api("POST", `/artifacts/${tag}/tags`, { name: "stolen" }),
        untag: await api("DELETE", `/artifacts/${tag}/tags/${tag}`),
        copy: await api("POST", `/artifacts?from=${encodeURIComponent(source)}`),
        artifact: await api("DELETE", `/artifacts/${tag}`),
        repository: await api("DELETE", ""),
    };
}

/** The status of the start of an upload, which changes nothing. */
export async function tryToUpload(
    harbor: RegistryAccess,
    account: Account,
    repository: string,
): Promise<number> {
    const token = await tokenFor(harbor, account, [`repository:${repository}:pull,push`]);
    const headers = { authorization: `Bearer ${token}` };
    const url = `${harbor.url}/v2/${repository}/blobs/uploads/`;
    return (await ask(harbor, url, { method: "POST", headers })).status;
}

const loginOf = (account: Account): Record<string, string> =>
    account.username === "" ? {} : { authorization: basic(account) };

async function tokenFor(
    harbor: RegistryAccess,
    account: Account,
    scopes: readonly string[],
): Promise<string> {
    const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join("&");
    const headers = loginOf(account);
    const url = `${harbor.url}/service/token?service=harbor-registry&${query}`;
    const { body } = await ask(harbor, url, { headers });
    return JSON.parse(body.toString()).token;
}

/** The text of everything that an account can pull from a repository: manifests, configs and layers. */
export async function readRepository(
    harbor: RegistryAccess,
    account: Account,
    repository: string,
): Promise<string> {
    const access = { ...harbor, ...account };
    const list = await pull(access, repository, "tags/list");
    const { tags } = JSON.parse(list.body.toString()) as { tags: readonly string[] };
    const texts: string[] = [];
    const read = new Set<string>();
    const queue = tags.map((tag) => `manifests/${tag}`);
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
        if (read.has(path)) continue;
        read.add(path);
        const { body } = await pull(access, repository, path);
        texts.push(unpacked(body).toString("latin1"));
        if (!path.startsWith("manifests/")) continue;
        const { manifests = [], layers = [], config } = JSON.parse(body.toString());
        for (const { mediaType, digest } of [
            ...manifests,
            ...layers,
            ...(config ? [config] : []),
        ]) {
            const isManifest = /\.(?:manifest|index)\./.test(mediaType);
            // An index of BuildKit's cache lists layers as manifests.
            queue.push(`${isManifest ? "manifests" : "blobs"}/${digest}`);
        }
    }
    return texts.join("\n");
}

function unpacked(body: Buffer): Buffer {
    if (body.length < 4) return body;
    if (body.readUInt16BE(0) === 0x1f8b) return gunzipSync(body);
    return body.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(body) : body;
}
