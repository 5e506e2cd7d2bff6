import type { Readable } from "node:stream";
import { RequestError, RequestErrorKind } from "../http/error";
import { answerFault } from "../http/fault";
import type { HttpRequest, HttpResponse } from "../http/message";
import { Transport } from "../http/transport";
import { type Challenge, parseChallenge, realmFault } from "./challenge";
import { type ContentPath, checkContent, contentUrl, repositoryUrl } from "./content";
import { basicAuthorization, type RegistryCredentials } from "./credentials";
import { manifestTypes } from "./manifest";
import { Login, type TokenFacts, tokenFacts, tokenOf } from "./token";

/** Settings of a {@link RegistrySession}. */
interface SessionOptions {
    /** Where the registry answers: `https://host[:port]`. */
    readonly origin: string;
    readonly credentials: RegistryCredentials | undefined;
    /** Whether this is the Harbor that the user configured. */
    readonly isHarbor: boolean;
    /** Whether to verify the certificate of `origin`; all others are always verified. */
    readonly verifyTls: boolean;
    /** Time limit of one request, in milliseconds. */
    readonly timeoutMs: number;
    /** Environment with the variables for certificates and proxies. */
    readonly env: NodeJS.ProcessEnv;
    /** Ends every request. */
    readonly signal: AbortSignal;
}

/** The registry's answer, and how it treated the login. */
export interface RegistryAnswer extends TokenFacts {
    readonly response: HttpResponse;
    /** The registry's error; undefined for a success. */
    readonly fault: RequestError | undefined;
}

interface Authorization extends TokenFacts {
    readonly header: string | undefined;
}

/** Maximum size of a manifest or config, in bytes; BuildKit's limit for a config is 4 MiB. */
const bodyBytesMax = 8 * 1024 * 1024;
const redirectsMax = 3;
/**
 * Harbor's content trust lets a client read what it is about to sign if it may push and its name
 * contains "cosign" (Harbor 2.15, src/server/middleware/util/util.go). Other reads go without, since
 * they report what BuildKit can read.
 */
const signerName = "harbor-build (signs like cosign)";
/** Maximum number of requests of one session, so that no answer keeps a run busy. */
const requestsMax = 2000;
const anonymous: Authorization = { header: undefined, login: Login.None, actions: undefined };

/** Reads from and writes to one registry as one account, with a token for each repository. */
export class RegistrySession {
    private readonly options: SessionOptions;
    private readonly transport: Transport;
    private readonly authorizations = new Map<string, Promise<Authorization>>();
    private readonly pushers = new Map<string, Promise<Authorization>>();
    private requests = 0;

    constructor(options: SessionOptions) {
        this.options = options;
        this.transport = new Transport({
            requestTimeoutMs: options.timeoutMs,
            bodyBytesMax,
            peer: options.isHarbor ? "Harbor" : "the registry",
            insecureOrigin: options.verifyTls ? undefined : options.origin,
            env: options.env,
        });
    }

    /**
     * Reads content, whatever the status of the answer.
     *
     * @throws RequestError when no answer came, or content with another digest than `path` names.
     */
    async get(repository: string, path: ContentPath): Promise<RegistryAnswer> {
        const answer = await this.ask("GET", repository, path);
        if (answer.fault === undefined) checkContent(path, answer.response.body);
        return answer;
    }

    /**
     * Like {@link get}, but reads only the headers, which Docker Hub does not count as a pull.
     *
     * @throws RequestError when no answer came.
     */
    head(repository: string, path: ContentPath): Promise<RegistryAnswer> {
        return this.ask("HEAD", repository, path);
    }

    /** The answer to the protocol's first request, without a login; 404 means that no registry is there. */
    async start(): Promise<{ readonly status: number; readonly challenge: Challenge | undefined }> {
        const url = new URL("/v2/", this.options.origin);
        const { status, headers } = await this.send({ method: "GET", url, headers: {} }, anonymous);
        return { status, challenge: parseChallenge(headers["www-authenticate"]) };
    }

    /** What the account may do in a repository; undefined when the registry has no tokens. */
    async rights(repository: string): Promise<TokenFacts | undefined> {
        const challenge = await this.challenge(repository);
        return challenge?.scheme === "bearer"
            ? this.fetchToken(repository, challenge, "pull,push")
            : undefined;
    }

    /**
     * Reads content with the right to push, as clients that sign it do.
     *
     * @throws RequestError as {@link get}, and when the registry refuses.
     */
    async getToSign(repository: string, path: ContentPath): Promise<HttpResponse> {
        const url = contentUrl(this.options.origin, repository, path);
        const headers = { accept: manifestTypes, "user-agent": signerName };
        const response = await this.write(repository, { method: "GET", url, headers });
        checkContent(path, response.body);
        return response;
    }

    /** Logs in for writes to a repository; reads that follow use the same token. */
    async loginToWrite(repository: string): Promise<void> {
        await this.mayPush(repository);
    }

    /** Writes a manifest. @throws RequestError when the registry refuses, or does not answer. */
    put(
        repository: string,
        path: ContentPath,
        content: string,
        type: string,
    ): Promise<HttpResponse> {
        const url = contentUrl(this.options.origin, repository, path);
        return this.write(
            repository,
            { method: "PUT", url, headers: { "content-type": type } },
            content,
        );
    }

    /**
     * Has the registry link a blob of another of its repositories.
     *
     * @returns whether the registry did.
     * @throws RequestError when the registry does not answer.
     */
    async mountBlob(repository: string, digest: string, from: string): Promise<boolean> {
        const url = repositoryUrl(this.options.origin, repository, "blobs/uploads/");
        url.searchParams.set("mount", digest);
        url.searchParams.set("from", from);
        const { header } = await this.mayPush(repository, from);
        const request = authorized({ method: "POST", url, headers: {} }, header);
        // Any other status is a refusal: 202 begins an upload, which the registry ends after a while.
        return (await this.request({ ...request, body: "" })).status === 201;
    }

    /**
     * Reads a blob of one repository, and uploads what arrives to another.
     *
     * @throws RequestError as {@link put}
     */
    async copyBlob(repository: string, digest: string, from: string): Promise<void> {
        const path: ContentPath = `blobs/${digest}`;
        const { fault } = await this.head(from, path);
        if (fault !== undefined) {
            throw fault;
        }
        const url = contentUrl(this.options.origin, from, path);
        const request = { method: "GET", url, headers: {} };
        const known = (await this.authorizations.get(from)) ?? anonymous;
        const response = await this.send(request, known, (sent) =>
            this.transport.receive(sent, async (answer) => {
                if (answer.statusCode === 200) {
                    const length = answer.headers["content-length"];
                    await this.putBlob(repository, answer, digest, length);
                }
                answer.resume();
                return "";
            }),
        );
        const refused = answerFault(request, response);
        if (refused !== undefined) {
            throw refused;
        }
    }

    /**
     * Uploads a blob in one piece.
     *
     * @param length length of the content, in bytes, if known
     * @throws RequestError as {@link put}
     */
    async putBlob(
        repository: string,
        content: string | Readable,
        digest: string,
        length?: string,
    ): Promise<void> {
        const start = repositoryUrl(this.options.origin, repository, "blobs/uploads/");
        const begun = await this.write(repository, { method: "POST", url: start, headers: {} }, "");
        const place = resolve(begun, start);
        if (place?.origin !== start.origin) {
            // The upload sends the account's token, which only this registry may get.
            throw new RequestError({
                kind: RequestErrorKind.Protocol,
                reason: `${start.origin} sends an upload to ${place?.origin ?? "nowhere"}`,
            });
        }
        place.searchParams.set("digest", digest);
        const headers = {
            "content-type": "application/octet-stream",
            ...(length === undefined ? {} : { "content-length": length }),
        };
        await this.write(repository, { method: "PUT", url: place, headers }, content);
    }

    /** Closes every connection. */
    close(): void {
        this.transport.close();
    }

    private async ask(
        method: "GET" | "HEAD",
        repository: string,
        path: ContentPath,
    ): Promise<RegistryAnswer> {
        const url = contentUrl(this.options.origin, repository, path);
        const headers: HttpRequest["headers"] = path.startsWith("blobs/")
            ? {}
            : { accept: manifestTypes };
        const request = { method, url, headers };
        // A token that allows writes allows reads too.
        const known = await (this.authorizations.get(repository) ??
            this.pushers.get(pusherKey(repository)));
        const first = await this.send(request, known ?? anonymous);
        const header = first.headers["www-authenticate"];
        const challenge = parseChallenge(header);
        if (first.status !== 401 || known !== undefined || header === undefined) {
            return answer(request, first, known ?? anonymous);
        }
        if (challenge === undefined) {
            const reason =
                `${url.host} asks for a login with "${header}". Expected Basic, or Bearer with the ` +
                "address of a token service as realm. Correct the registry's configuration, or the " +
                "proxy in front of it";
            throw new RequestError({ kind: RequestErrorKind.Protocol, reason });
        }
        const authorization = await this.authorize(repository, challenge);
        return answer(request, await this.send(request, authorization), authorization);
    }

    private async challenge(repository: string): Promise<Challenge | undefined> {
        const url = repositoryUrl(this.options.origin, repository, "tags/list?n=1");
        const first = await this.send({ method: "GET", url, headers: {} }, anonymous);
        return parseChallenge(first.headers["www-authenticate"]);
    }

    private async write(
        repository: string,
        request: HttpRequest,
        body?: string | Readable,
    ): Promise<HttpResponse> {
        const { header } = await this.mayPush(repository);
        const response = await this.request({ ...authorized(request, header), body });
        const fault = answerFault(request, response);
        if (fault !== undefined) {
            throw fault;
        }
        return response;
    }

    // One token for all writes to a repository, and one for each repository to mount blobs from.
    private mayPush(repository: string, from?: string): Promise<Authorization> {
        const key = pusherKey(repository, from);
        const running = this.pushers.get(key);
        const made =
            running ??
            this.challenge(repository).then((challenge) =>
                challenge === undefined
                    ? anonymous
                    : this.login(repository, challenge, "pull,push", from),
            );
        this.pushers.set(key, made);
        made.catch(() => this.pushers.delete(key));
        return made;
    }

    // One token for all reads of a repository, even parallel ones.
    private authorize(repository: string, challenge: Challenge): Promise<Authorization> {
        const running = this.authorizations.get(repository);
        if (running !== undefined) {
            return running;
        }
        const made = this.login(repository, challenge, "pull");
        this.authorizations.set(repository, made);
        // A retry after a temporary fault must get a new token.
        made.catch(() => this.authorizations.delete(repository));
        return made;
    }

    private async login(
        repository: string,
        challenge: Challenge,
        actions: string,
        from?: string,
    ): Promise<Authorization> {
        if (challenge.scheme === "bearer") {
            return this.fetchToken(repository, challenge, actions, from);
        }
        const { credentials } = this.options;
        return credentials === undefined
            ? anonymous
            : {
                  header: basicAuthorization(credentials),
                  login: Login.Unknown,
                  actions: undefined,
              };
    }

    // Use GET with basic authentication: Harbor answers 405 to the POST of OAuth 2.
    private async fetchToken(
        repository: string,
        challenge: Challenge & { readonly scheme: "bearer" },
        actions: string,
        from?: string,
    ): Promise<Authorization> {
        const { credentials, origin, isHarbor } = this.options;
        const url = new URL(challenge.realm);
        const sendsLogin = credentials !== undefined;
        const reason = realmFault(url, new URL(origin), { isHarbor, sendsLogin });
        if (reason !== undefined) {
            throw new RequestError({ kind: RequestErrorKind.Protocol, reason });
        }
        if (challenge.service !== undefined) {
            url.searchParams.set("service", challenge.service);
        }
        url.searchParams.set("scope", `repository:${repository}:${actions}`);
        if (from !== undefined) url.searchParams.append("scope", `repository:${from}:pull`);
        const header = credentials && basicAuthorization(credentials);
        const response = await this.request(
            authorized({ method: "GET", url, headers: {} }, header),
        );
        if (response.status === 401 || response.status === 403) {
            const login = credentials === undefined ? Login.None : Login.Rejected;
            return { header: undefined, login, actions: [] };
        }
        const token = response.status === 200 ? tokenOf(response.body) : undefined;
        if (token === undefined) {
            throw new RequestError({
                kind: RequestErrorKind.Protocol,
                reason: `the token service ${url.origin}${url.pathname} answered ${response.status} without a token`,
            });
        }
        return {
            header: `Bearer ${token}`,
            ...tokenFacts(token, repository, { login: sendsLogin }),
        };
    }

    // Registries may redirect to other hosts for blobs. Those hosts get no authorization, and their
    // challenges do not count.
    private async send(
        request: HttpRequest,
        { header }: Authorization,
        ask = (one: HttpRequest) => this.transport.send(one),
    ): Promise<HttpResponse> {
        let url = request.url;
        for (let hop = 0; ; hop++) {
            const isOwn = url.origin === request.url.origin;
            const response = await this.request(
                authorized({ ...request, url }, isOwn ? header : undefined),
                ask,
            );
            const redirected = response.status >= 301 && response.status <= 308;
            const next = redirected ? resolve(response, url) : undefined;
            if (next === undefined || hop === redirectsMax || !mayFollow(url, next)) {
                const { "www-authenticate": _, ...headers } = response.headers;
                return isOwn ? response : { ...response, headers };
            }
            url = next;
        }
    }

    private request(
        request: HttpRequest,
        ask = (one: HttpRequest) => this.transport.send(one),
    ): Promise<HttpResponse> {
        if (++this.requests > requestsMax) {
            throw new RequestError({
                kind: RequestErrorKind.Protocol,
                reason: `${this.options.origin} needs more than ${requestsMax} requests`,
            });
        }
        return ask({ ...request, signal: this.options.signal });
    }
}

/** The key of the token for writes to a repository that may mount blobs of another. */
const pusherKey = (repository: string, from = ""): string => `${repository} ${from}`;

function authorized(request: HttpRequest, header: string | undefined): HttpRequest {
    return header === undefined
        ? request
        : { ...request, headers: { ...request.headers, authorization: header } };
}

/** The address that an answer refers to; undefined without a usable one. */
function resolve({ headers: { location } }: HttpResponse, base: URL): URL | undefined {
    return location !== undefined && URL.canParse(location, base.href)
        ? new URL(location, base)
        : undefined;
}

function mayFollow(from: URL, to: URL): boolean {
    return to.protocol === "https:" || (to.protocol === "http:" && from.protocol === "http:");
}

function answer(
    request: HttpRequest,
    response: HttpResponse,
    { login, actions }: Authorization,
): RegistryAnswer {
    return { response, fault: answerFault(request, response), login, actions };
}
