import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

export interface Answer {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
}

export interface Server {
    readonly url: string;
    readonly caFile?: string;
    readonly ignoreCertificate?: boolean;
}

const timeoutMs = 60_000;
const loginLockMs = 2_000;
const loginsMax = 5;

/**
 * Repeats a request a few times while the login is refused. On a shared Harbor, another client's
 * failed login may lock the account for 1.5 seconds.
 */
export async function afterLock(ask: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
        const answer = await ask();
        if (answer.status !== 401 || attempt === loginsMax) {
            return answer;
        }
        await sleep(loginLockMs);
    }
}

/** One request, exactly as given: no retry, no redirect, no cookie. */
export function send(
    server: Server,
    method: string,
    pathOrUrl: string,
    headers: Readonly<Record<string, string>>,
    body?: Buffer,
): Promise<Answer> {
    const url = pathOrUrl.startsWith("http") ? pathOrUrl : `${server.url}${pathOrUrl}`;
    const request = url.startsWith("https:") ? httpsRequest : httpRequest;
    const trust = {
        ...(server.caFile === undefined ? {} : { ca: readFileSync(server.caFile) }),
        ...(server.ignoreCertificate === true ? { rejectUnauthorized: false } : {}),
    };
    const length = body === undefined ? {} : { "content-length": String(body.length) };
    return new Promise((resolve, reject) => {
        const outgoing = request(url, { method, headers: { ...headers, ...length }, ...trust });
        outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`${url}: no answer`)));
        outgoing.on("error", reject);
        outgoing.on("response", (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("error", reject);
            incoming.on("end", () => {
                const { statusCode = 0, headers: answered } = incoming;
                resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks) });
            });
        });
        outgoing.end(body);
    });
}
