import type { RemoteRegistry } from "./core/model";
import { readAll, send } from "./remote";

export type Remote = Pick<
    RemoteRegistry,
    "type" | "url" | "insecure" | "credentialType" | "accessKey" | "accessSecret"
>;

const timeoutMs = 5_000;
const tokenBytesMax = 65_536;

const basic = (remote: Remote): Record<string, string> =>
    remote.accessKey === ""
        ? {}
        : {
              authorization: `Basic ${Buffer.from(`${remote.accessKey}:${remote.accessSecret}`).toString("base64")}`,
          };

async function statusOf(url: string, remote: Remote): Promise<number> {
    const options = { insecure: remote.insecure, timeoutMs };
    const response = await send("GET", url, basic(remote), options);
    response.body.resume();
    return response.status;
}

/**
 * Headers for reading from a remote registry: a token if it asks for one, else basic
 * authentication.
 */
export async function remoteToken(
    remote: Remote,
    repository: string | undefined,
): Promise<Record<string, string>> {
    const options = { insecure: remote.insecure, timeoutMs };
    const probe = await send("GET", `${remote.url}/v2/`, {}, options);
    probe.body.resume();
    const challenge = probe.headers["www-authenticate"] ?? "";
    if (probe.status !== 401 || !/^bearer/i.test(challenge)) {
        return basic(remote);
    }
    const field = (name: string): string =>
        new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const url = new URL(field("realm"));
    url.searchParams.set("service", field("service"));
    if (repository !== undefined) {
        url.searchParams.set("scope", `repository:${repository}:pull`);
    }
    const answer = await send("GET", url.href, basic(remote), options);
    const text = (await readAll(answer.body, tokenBytesMax)).toString("utf8");
    if (answer.status !== 200) {
        throw new Error(`${url.origin} gives no token: ${answer.status}`);
    }
    const fields = new Map<string, unknown>(Object.entries(JSON.parse(text)));
    const token = fields.get("token") ?? fields.get("access_token");
    return { authorization: `Bearer ${String(token)}` };
}

/** Whether a remote registry answers and accepts the credential. */
export async function isHealthy(remote: Remote): Promise<boolean> {
    try {
        if (remote.type === "harbor") {
            const path = remote.accessKey === "" ? "ping" : "users/current";
            return (await statusOf(`${remote.url}/api/v2.0/${path}`, remote)) === 200;
        }
        const headers = await remoteToken(remote, undefined);
        const options = { insecure: remote.insecure, timeoutMs };
        const response = await send("GET", `${remote.url}/v2/`, headers, options);
        response.body.resume();
        return response.status === 200;
    } catch {
        return false;
    }
}
