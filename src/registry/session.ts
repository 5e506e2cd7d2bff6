import { RequestError, RequestErrorKind } from "../http/error";
import { answerFault, type Peer } from "../http/fault";
import type { HttpRequest, HttpResponse } from "../http/message";
import { Transport } from "../http/transport";
import { asRecord } from "../text/lenientJson";
import { type Challenge, parseChallenge } from "./challenge";
import { basicAuthorization, type RegistryCredentials } from "./credentials";
import { Login, type TokenFacts, tokenFacts } from "./token";

/** Settings of a {@link RegistrySession}. */
interface SessionOptions {
    /** Where the registry answers: `https://host[:port]`. */
    readonly origin: string;
    readonly credentials: RegistryCredentials | undefined;
    /** What kind of server answers there, if known. */
    readonly peer: Peer;
    /** Whether to verify the server's certificate. */
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
const anonymous: Authorization = { header: undefined, login: Login.None, actions: undefined };

/** Reads from and writes to one registry as one account, with a token for each repository. */
export class RegistrySession {
    private readonly options: SessionOptions;
    private readonly transport: Transport;
    private readonly authorizations = new Map<string, Promise<Authorization>>();
    private readonly pushers = new Map<string, Promise<Authorization>>();

    constructor(options: SessionOptions) {
        this.options = options;
        this.transport = new Transport({
            requestTimeoutMs: options.timeoutMs,
            bodyBytesMax,
            peer: options.peer,
            verifyTls: options.verifyTls,
            env: options.env,
        });
    }

    /**
     * Reads `path` below `/v2/REPOSITORY/`, whatever the status of the answer.
     *
     * @throws RequestError when no answer came.
     */
    get(repository: string, path: string, accept?: string): Promise<RegistryAnswer> {
        return this.ask("GET", repository, path, accept);
    }

    /**
     * Like {@link get}, but reads only the headers, which Docker Hub does not count as a pull.
     *
     * @throws RequestError when no answer came.
     */
    head(repository: string, path: string, accept?: string): Promise<RegistryAnswer> {
        return this.ask("HEAD", repository, path, accept);
    }

    /** What the account may do in a repository; undefined when the registry has no tokens. */
    async rights(repository: string): Promise<TokenFacts | undefined> {
        const challenge = await this.challenge(repository);
        return challenge?.scheme === "bearer"
            ? this.fetchToken(repository, challenge, "pull,push")
            : undefined;
    }

    /**
     * Puts `content` at `path` below `/v2/REPOSITORY/`.
     *
     * @throws RequestError when the registry refuses, or does not answer.
     */
    async put(repository: string, path: string, content: string, type: string): Promise<void> {
        const url = new URL(`/v2/${repository}/${path}`, this.options.origin);
        await this.write(
            repository,
            { method: "PUT", url, headers: { "content-type": type } },
            content,
        );
    }

    /** Uploads a blob in one piece. @throws RequestError as {@link put} */
    async putBlob(repository: string, content: string, digest: string): Promise<void> {
        const start = new URL(`/v2/${repository}/blobs/uploads/`, this.options.origin);
        const begun = await this.write(repository, { method: "POST", url: start, headers: {} }, "");
        const place = new URL(begun.headers.location ?? "", start);
        if (place.origin !== start.origin) {
            // The upload sends the account's token, which only this registry may get.
            throw new RequestError({
                kind: RequestErrorKind.Protocol,
                reason: `${start.origin} sends an upload to ${place.origin}`,
            });
        }
        place.searchParams.set("digest", digest);
        const headers = { "content-type": "application/octet-stream" };
        await this.write(repository, { method: "PUT", url: place, headers }, content);
    }

    /** Closes every connection. */
    close(): void {
        this.transport.close();
    }

    private async ask(
        method: "GET" | "HEAD",
        repository: string,
        path: string,
        accept: string | undefined,
    ): Promise<RegistryAnswer> {
        const url = new URL(`/v2/${repository}/${path}`, this.options.origin);
        const headers: Record<string, string> = accept === undefined ? {} : { accept };
        const request = { method, url, headers };
        const known = await this.authorizations.get(repository);
        const first = await this.send(request, known ?? anonymous);
        const challenge = parseChallenge(first.headers["www-authenticate"]);
        if (first.status !== 401 || known !== undefined || challenge === undefined) {
            return answer(request, first, known ?? anonymous);
        }
        const authorization = await this.authorize(repository, challenge);
        return answer(request, await this.send(request, authorization), authorization);
    }

    private async challenge(repository: string): Promise<Challenge | undefined> {
        const url = new URL(`/v2/${repository}/tags/list?n=1`, this.options.origin);
        const first = await this.send({ method: "GET", url, headers: {} }, anonymous);
        return parseChallenge(first.headers["www-authenticate"]);
    }

    private async write(
        repository: string,
        request: HttpRequest,
        body: string,
    ): Promise<HttpResponse> {
        const { header } = await this.mayPush(repository);
        const response = await this.transport.send({
            ...request,
            headers: {
                ...request.headers,
                ...(header === undefined ? {} : { authorization: header }),
            },
            body,
            signal: this.options.signal,
        });
        const fault = answerFault(request, response);
        if (fault !== undefined) {
            throw fault;
        }
        return response;
    }

    // One token for all writes to a repository.
    private mayPush(repository: string): Promise<Authorization> {
        const running = this.pushers.get(repository);
        const made =
            running ??
            this.challenge(repository).then((challenge) =>
                challenge === undefined
                    ? anonymous
                    : this.login(repository, challenge, "pull,push"),
            );
        this.pushers.set(repository, made);
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
    ): Promise<Authorization> {
        if (challenge.scheme === "bearer") {
            return this.fetchToken(repository, challenge, actions);
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
    ): Promise<Authorization> {
        const { credentials, origin } = this.options;
        const url = new URL(challenge.realm);
        if (credentials !== undefined && origin.startsWith("https:") && url.protocol === "http:") {
            throw new RequestError({
                kind: RequestErrorKind.Protocol,
                reason: `${origin} sends logins to ${url.origin}, where the password would travel unencrypted; its external URL must be https`,
            });
        }
        if (challenge.service !== undefined) {
            url.searchParams.set("service", challenge.service);
        }
        url.searchParams.set("scope", `repository:${repository}:${actions}`);
        const headers: Record<string, string> =
            credentials === undefined ? {} : { authorization: basicAuthorization(credentials) };
        const response = await this.request({ method: "GET", url, headers });
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
        const sent = { login: credentials !== undefined };
        return { header: `Bearer ${token}`, ...tokenFacts(token, repository, sent) };
    }

    // Registries may redirect to other hosts for blobs; never send the registry's authorization
    // there.
    private async send(request: HttpRequest, authorization: Authorization): Promise<HttpResponse> {
        let target = request.url;
        for (let hop = 0; ; hop++) {
            const own = target.origin === request.url.origin ? authorization.header : undefined;
            const response = await this.request({
                method: request.method,
                url: target,
                headers: {
                    ...request.headers,
                    ...(own === undefined ? {} : { authorization: own }),
                },
            });
            const { location } = response.headers;
            const redirected = response.status >= 301 && response.status <= 308;
            if (!redirected || location === undefined || hop === redirectsMax) {
                return response;
            }
            const next = new URL(location, target);
            if (target.protocol === "https:" && next.protocol !== "https:") {
                return response;
            }
            target = next;
        }
    }

    private request(request: HttpRequest): Promise<HttpResponse> {
        return this.transport.send({ ...request, signal: this.options.signal });
    }
}

function answer(
    request: HttpRequest,
    response: HttpResponse,
    { login, actions }: Authorization,
): RegistryAnswer {
    return { response, fault: answerFault(request, response), login, actions };
}

function tokenOf(body: string): string | undefined {
    try {
        // `access_token` replaces an empty `token` (distribution token specification).
        const { token, access_token } = asRecord(JSON.parse(body));
        const given = [token, access_token];
        return given.find((one): one is string => typeof one === "string" && one !== "");
    } catch {
        return undefined;
    }
}
