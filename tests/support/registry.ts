import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** A registry that the tests ask directly, without this package's client. */
export interface RegistryAccess {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly caFile?: string;
    /** Whether to skip verification of the certificate. */
    readonly ignoreCertificate?: boolean;
}

export interface Answer {
    readonly status: number;
    readonly headers: Record<string, string | string[] | undefined>;
    readonly body: Buffer;
}

const manifestTypes = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** One plain HTTP request: no retry, no redirect. */
export function ask(
    access: Pick<RegistryAccess, "caFile" | "ignoreCertificate">,
    url: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const trust = {
        ...(access.caFile === undefined ? {} : { ca: readFileSync(access.caFile) }),
        rejectUnauthorized: !access.ignoreCertificate,
    };
    return new Promise((resolve, reject) => {
        const request = send(
            url,
            { method: options.method ?? "GET", headers: options.headers ?? {}, ...trust },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () =>
                    resolve({
                        status: response.statusCode ?? 0,
                        headers: response.headers,
                        body: Buffer.concat(chunks),
                    }),
                );
            },
        );
        request.on("error", reject);
        request.end(options.body);
    });
}

/** Basic authorization of an account. */
export function basic(access: Pick<RegistryAccess, "username" | "password">): string {
    return `Basic ${Buffer.from(`${access.username}:${access.password}`).toString("base64")}`;
}

/** Time after a failed login in which Harbor also answers 401 to the account's correct logins. */
const lockMs = 1_500;
const attemptsMax = 3;

/**
 * Sends a request to Harbor's REST API v2.0 as the account; `path` starts after `/api/v2.0`. Waits
 * while a failed login locks the account, because some tests fail to log in on purpose.
 */
export async function askApi(
    access: RegistryAccess,
    path: string,
    { method = "GET", body }: { method?: string; body?: unknown } = {},
): Promise<{ status: number; json: unknown }> {
    for (let attempt = 1; ; attempt++) {
        const answer = await ask(access, `${access.url}/api/v2.0${path}`, {
            method,
            headers: {
                authorization: basic(access),
                accept: "application/json",
                ...(body === undefined ? {} : { "content-type": "application/json" }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (answer.status !== 401 || attempt === attemptsMax) {
            const text = answer.body.toString("utf8");
            return { status: answer.status, json: text === "" ? undefined : JSON.parse(text) };
        }
        await sleep(lockMs);
    }
}

/** Creates a private project, not by a program. */
export async function createProject(access: RegistryAccess, name: string): Promise<void> {
    const body = { project_name: name };
    const { status } = await askApi(access, "/projects", { method: "POST", body });
    assert.equal(status, 201);
}

/** Every item of one of Harbor's lists, page by page; `path` may have a query. */
export async function listApi<T>(access: RegistryAccess, path: string): Promise<readonly T[]> {
    const items: T[] = [];
    const pageSize = 100;
    for (let page = 1; ; page++) {
        const separator = path.includes("?") ? "&" : "?";
        const query = `${separator}page=${page}&page_size=${pageSize}`;
        const { status, json } = await askApi(access, `${path}${query}`);
        assert.equal(status, 200, `GET ${path}: ${JSON.stringify(json)}`);
        // Harbor's lists are arrays of objects.
        const found = json as T[];
        items.push(...found);
        if (found.length < pageSize) {
            return items;
        }
    }
}

/**
 * A repository's path in the API. Harbor's router accepts a slash in the name only if it is encoded
 * twice.
 */
export function repositoryPath(project: string, repository: string): string {
    const encoded = encodeURIComponent(encodeURIComponent(repository));
    return `/projects/${project}/repositories/${encoded}`;
}

/**
 * Whether a project exists. The request uses the name, because Harbor answers others with 403 to
 * users without system rights.
 */
export async function projectExists(access: RegistryAccess, project: string): Promise<boolean> {
    const query = `/projects?project_name=${encodeURIComponent(project)}`;
    const { status } = await askApi(access, query, { method: "HEAD" });
    assert.ok(status === 200 || status === 404, `HEAD ${query}: ${status}`);
    return status === 200;
}

/** Fetches from `/v2/REPOSITORY/…` with a pull token of the account. */
export async function pull(
    access: RegistryAccess,
    repository: string,
    path: string,
): Promise<Answer> {
    const scope = encodeURIComponent(`repository:${repository}:pull`);
    const token = await ask(
        access,
        `${access.url}/service/token?service=harbor-registry&scope=${scope}`,
        { headers: { authorization: basic(access) } },
    );
    assert.equal(token.status, 200, `token for ${repository}`);
    const { token: bearer } = JSON.parse(token.body.toString("utf8"));
    return ask(access, `${access.url}/v2/${repository}/${path}`, {
        headers: { authorization: `Bearer ${bearer}`, accept: manifestTypes },
    });
}
