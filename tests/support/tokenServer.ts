import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { atEnd } from "./atEnd";
import { basic } from "./registry";

/** A token service of the distribution project's protocol, with one account. */
export interface TokenServer {
    /** Configuration of a registry that trusts the tokens. */
    readonly auth: Readonly<Record<string, unknown>>;
    /** Content of the key set to write to the file that `auth` names. */
    readonly keys: string;
    /** Scopes of the tokens that were issued, in order. */
    readonly scopes: readonly string[];
}

const service = "test-registry";
const issuer = "test-issuer";

/** Starts a token service; a login as `account` gets everything that it asks for, any other login 401. */
export async function startTokenServer(
    account: { readonly username: string; readonly password: string },
    keyFile: string,
): Promise<TokenServer> {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const kid = "one";
    const keys = JSON.stringify({
        keys: [{ ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" }],
    });
    const scopes: string[] = [];
    const server = createServer((request, response) => {
        void (async () => {
            const asked = await readQuestion(request);
            if (asked.authorization !== basic(account)) {
                response.writeHead(401).end();
                return;
            }
            scopes.push(...asked.scopes);
            const token = await new SignJWT({ access: asked.scopes.map(readScope) })
                .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
                .setIssuer(issuer)
                .setAudience(service)
                .setSubject(account.username)
                .setIssuedAt()
                .setNotBefore("-10s")
                .setExpirationTime("5m")
                .setJti(String(scopes.length))
                .sign(privateKey);
            response.writeHead(200, { "content-type": "application/json" });
            response.end(JSON.stringify({ token, access_token: token, expires_in: 300 }));
        })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo; // A listening TCP server has a port.
    const realm = `http://127.0.0.1:${port}/token`;
    const token = { realm, service, issuer, jwks: keyFile, signingalgorithms: ["ES256"] };
    return { auth: { token }, keys, scopes };
}

/** The scopes and the login of both forms of a token request: GET with basic, POST of OAuth 2. */
async function readQuestion(request: IncomingMessage) {
    if (request.method !== "POST") {
        const { searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
        return {
            authorization: request.headers.authorization,
            scopes: searchParams.getAll("scope").flatMap((scope) => scope.split(" ")),
        };
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const [username, password] = [form.get("username") ?? "", form.get("password") ?? ""];
    const scopes = form.getAll("scope").flatMap((scope) => scope.split(" "));
    return { authorization: basic({ username, password }), scopes };
}

/** `repository:shop/fm:pull,push`, where the name may contain a colon in no registry of these tests. */
function readScope(scope: string) {
    const [type = "", name = "", actions = ""] = scope.split(":");
    return { type, name, actions: actions.split(",") };
}
