import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** An account of the registry and what it may pull. */
export interface Account {
    readonly password: string;
    /** Projects, with what the account may do in each. */
    readonly rights: Readonly<Record<string, readonly string[]>>;
}

export interface TinyRegistryOptions {
    readonly accounts?: Readonly<Record<string, Account>>;
    /** Projects that exist; a private one needs an account with rights. */
    readonly projects?: Readonly<Record<string, "public" | "private">>;
    /** Whether it begins an upload in place of each mount, as the protocol allows. */
    readonly refusesMounts?: boolean;
    readonly tls?: { readonly cert: string; readonly key: string };
    /** Answers in place of the registry, where it wants to: then it returns true. */
    readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/**
 * A registry with a token service that answers as Harbor 2.15 was recorded to: a token for any
 * login, anonymous (without `sub`) for a wrong one; 401 for a project that does not exist.
 */
export interface TinyRegistry {
    readonly host: string;
    readonly url: string;
    /** Method and path of each request, in order. */
    readonly requests: string[];
    /** Stores a manifest under a tag and its digest, and gives the digest. */
    manifest(repository: string, tag: string, content: unknown, mediaType?: string): string;
    /** Stores a blob and gives its digest. */
    blob(repository: string, content: string): string;
    /** The text of a manifest or blob; undefined when it is missing. */
    read(repository: string, path: string): string | undefined;
    close(): Promise<void>;
}

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export async function startTinyRegistry(options: TinyRegistryOptions = {}): Promise<TinyRegistry> {
    const content: Content = new Map();
    const requests: string[] = [];
    const serve = (request: IncomingMessage, response: ServerResponse) => {
        requests.push(`${request.method} ${request.url}`);
        if (options.before?.(request, response)) {
            return;
        }
        const url = new URL(request.url ?? "/", "http://registry");
        if (url.pathname === "/service/token") {
            return issueToken(options, url, request, response);
        }
        const [, repository = "", kind = "", name = ""] =
            /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/(.*)$/.exec(
                url.pathname,
            ) ?? [];
        const refused = refusal(options, repository, request);
        if (refused !== undefined) {
            return fail(response, 401, "UNAUTHORIZED", `${refused[0]}: ${refused[0]}`, refused[1]);
        }
        if (request.method === "POST" || request.method === "PUT") {
            return void take(request, response, (body) => {
                const mounted = mountedBlob(url, content);
                if (mounted !== undefined && !options.refusesMounts) {
                    content.set(`${repository}/blobs/${url.searchParams.get("mount")}`, mounted);
                    return { status: 201 };
                }
                if (request.method === "POST") {
                    // A relative address with its own query, as the protocol allows.
                    return { status: 202, location: `/v2/${repository}/blobs/uploads/1?state=x` };
                }
                const digest = url.searchParams.get("digest");
                if (digest !== null && digest !== digestOf(body)) {
                    return { status: 400 };
                }
                const type = request.headers["content-type"] ?? "";
                const place = digest === null ? `manifests/${name}` : `blobs/${digest}`;
                content.set(`${repository}/${place}`, { type, body });
                if (digest === null) {
                    content.set(`${repository}/manifests/${digestOf(body)}`, { type, body });
                }
                return { status: 201 };
            });
        }
        const found = content.get(`${repository}/${kind}/${name}`);
        if (found === undefined) {
            const separator = name.startsWith("sha256:") ? "@" : ":";
            return fail(
                response,
                404,
                "NOT_FOUND",
                `artifact ${repository}${separator}${name} not found`,
            );
        }
        response.writeHead(200, {
            "content-type": found.type,
            "docker-content-digest": digestOf(found.body),
        });
        response.end(found.body);
    };
    const server = options.tls
        ? createSecureServer({ ...options.tls }, serve)
        : createServer(serve);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
    const host = `127.0.0.1:${port}`;
    return {
        host,
        url: `${options.tls ? "https" : "http"}://${host}`,
        requests,
        manifest(repository, tag, value, type = ociManifest) {
            const body = JSON.stringify(value);
            for (const name of [tag, digestOf(body)]) {
                content.set(`${repository}/manifests/${name}`, { type, body });
            }
            return digestOf(body);
        },
        blob(repository, body) {
            content.set(`${repository}/blobs/${digestOf(body)}`, {
                type: "application/octet-stream",
                body,
            });
            return digestOf(body);
        },
        read: (repository, path) => content.get(`${repository}/${path}`)?.body,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

type Content = Map<string, { readonly type: string; readonly body: string }>;

/** The blob of another repository that a request mounts. */
function mountedBlob({ searchParams }: URL, content: Content) {
    return content.get(`${searchParams.get("from")}/blobs/${searchParams.get("mount")}`);
}

async function take(
    request: IncomingMessage,
    response: ServerResponse,
    store: (body: string) => { readonly status: number; readonly location?: string },
): Promise<void> {
    const { status, location } = store(await text(request));
    response.writeHead(status, location === undefined ? {} : { location });
    response.end();
}

function login(options: TinyRegistryOptions, request: IncomingMessage): string | undefined {
    const encoded = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const [name = "", password] = Buffer.from(encoded, "base64").toString().split(":");
    return options.accounts?.[name]?.password === password ? name : undefined;
}

function rightsOf(
    options: TinyRegistryOptions,
    account: string | undefined,
    repository: string,
): readonly string[] {
    const project = repository.split("/")[0] ?? "";
    const own = account === undefined ? undefined : options.accounts?.[account]?.rights[project];
    return own ?? (options.projects?.[project] === "public" ? ["pull"] : []);
}

function issueToken(
    options: TinyRegistryOptions,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
): void {
    const account = login(options, request);
    const name = url.searchParams.get("scope")?.split(":")[1] ?? "";
    const access = [{ type: "repository", name, actions: rightsOf(options, account, name) }];
    const claims = { iss: "harbor-token-issuer", aud: "harbor-registry", access };
    const payload = account === undefined ? claims : { ...claims, sub: account };
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = [encode({ alg: "none" }), encode(payload), "signature"].join(".");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ token, access_token: "", expires_in: 1800 }));
}

/** Message and challenge of the 401, or undefined when the request may be made. */
function refusal(
    options: TinyRegistryOptions,
    repository: string,
    request: IncomingMessage,
): readonly [string, string] | undefined {
    const { authorization, host } = request.headers;
    if (authorization === undefined) {
        const scheme = options.tls ? "https" : "http";
        const scope = `repository:${repository}:pull`;
        return [
            "authorize header needed to send HEAD to repository",
            `Bearer realm="${scheme}://${host}/service/token",service="harbor-registry",scope="${scope}"`,
        ];
    }
    const project = repository.split("/")[0] ?? "";
    if (options.projects?.[project] === undefined) {
        return [`project ${project} not found`, ""];
    }
    const payload = Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString();
    const action = request.method === "GET" || request.method === "HEAD" ? "pull" : "push";
    return payload.includes(`"${action}"`)
        ? undefined
        : [
              `unauthorized to access repository: ${repository}, action: ${action}`,
              'Basic realm="harbor"',
          ];
}

function fail(
    response: ServerResponse,
    status: number,
    code: string,
    message: string,
    challenge = "",
): void {
    response.writeHead(status, {
        "content-type": "application/json; charset=utf-8",
        "www-authenticate": challenge,
    });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
}

/** Answers as a registry whose disk is full. */
export function answerNoDisk(response: ServerResponse): void {
    response.writeHead(500, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code: "UNKNOWN", message: "no disk" }] }));
}

/** Stores an image as BuildKit exports it, with an inline cache in its config or without. */
export function pushImage(
    registry: TinyRegistry,
    repository: string,
    tag: string,
    options: { readonly inlineCache: boolean },
): string {
    const config = registry.blob(
        repository,
        options.inlineCache ? inlineConfig(tag) : JSON.stringify(plainConfig(tag)),
    );
    return registry.manifest(repository, tag, {
        schemaVersion: 2,
        config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config },
        layers: [],
    });
}

const plainConfig = (tag: string) => ({ architecture: "amd64", os: "linux", tag });

/** The config of an image with an inline cache, as {@link pushImage} stores it. */
export function inlineConfig(tag: string): string {
    return JSON.stringify({
        ...plainConfig(tag),
        "moby.buildkit.cache.v0": "eyJsYXllcnMiOltdfQ==",
    });
}

/** Answers in place of the registry, by the fault that they stand for. */
export const brokenAnswers: Readonly<Record<string, (response: ServerResponse) => void>> = {
    ...Object.fromEntries(
        [401, 403, 409, 412, 413, 429, 500, 502, 503, 507].map((status) => [
            String(status),
            (response: ServerResponse) => response.writeHead(status).end(),
        ]),
    ),
    reset: (response) => response.socket?.destroy(),
    truncated: (response) => {
        response.writeHead(200, { "content-length": "1000" }).write("{");
        response.socket?.end();
    },
    "not JSON": (response) => response.writeHead(200).end("<html>"),
};
