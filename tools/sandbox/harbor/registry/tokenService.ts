import { type Account, isSystemAdmin } from "../core/account";
import { may, maySystem } from "../core/policy";
import type { Services } from "../core/services";
import { type Grant, tokenService } from "./signingKey";

const repositoryActions = ["pull", "push", "delete"] as const;

/** First path segment of a repository's name; undefined for a name with one segment. */
export function projectPart(repository: string): string | undefined {
    const at = repository.indexOf("/");
    return at > 0 ? repository.slice(0, at) : undefined;
}

/** The rights of an account in a repository through `/v2/`. Push includes pull. */
export function repositoryRights(
    services: Services,
    account: Account,
    repository: string,
): string[] {
    const name = projectPart(repository);
    const project = services.store.of("projects").find((one) => one.name === name);
    if (project === undefined) {
        return [];
    }
    const held = repositoryActions.filter((action) =>
        may(services.store, account, project, "repository", action),
    );
    return held.includes("push") && !held.includes("pull") ? ["pull", ...held] : [...held];
}

function grant(services: Services, account: Account, scope: string): Grant {
    const [type = "", ...rest] = scope.split(":");
    const name = rest.length > 1 ? rest.slice(0, -1).join(":") : "";
    if (type === "repository") {
        return { type, name, actions: repositoryRights(services, account, name) };
    }
    const catalog = type === "registry" && name === "catalog" && mayCatalog(account);
    return { type, name, actions: catalog ? ["*"] : [] };
}

export const mayCatalog = (account: Account): boolean =>
    isSystemAdmin(account) || maySystem(account, "catalog", "read");

/**
 * Answers `GET /service/token` with all rights of the account, regardless of the requested actions.
 */
export async function issueToken(services: Services, request: Request): Promise<Response> {
    if (request.method !== "GET") {
        return new Response(request.method === "HEAD" ? null : "Method Not Allowed\n", {
            status: 405,
            headers: {
                "Content-Type": "text/plain; charset=utf-8",
                "X-Content-Type-Options": "nosniff",
            },
        });
    }
    const query = new URL(request.url).searchParams;
    const service = query.get("service") ?? "";
    if (service !== tokenService) {
        return new Response(`Unable to handle service: ${service}`, {
            status: 400,
            headers: { "Content-Type": "text/plain; charset=utf-8" },
        });
    }
    const account = await services.logins.login(request.headers.get("authorization") ?? undefined);
    const scopes = query
        .getAll("scope")
        .flatMap((scope) => scope.split(" "))
        .filter((scope) => scope !== "");
    if (scopes.length === 0 && account.kind === "anonymous") {
        return new Response(null, { status: 401 });
    }
    const access =
        scopes.length === 0 ? null : scopes.map((scope) => grant(services, account, scope));
    const subject = account.kind === "anonymous" ? undefined : account.name;
    const seconds = services.settings.number("token_expiration") * 60;
    const { token, issuedAt } = await services.signingKey.sign(subject, access, seconds);
    const body = {
        token,
        access_token: "",
        expires_in: seconds,
        issued_at: new Date(issuedAt * 1000).toISOString().replace(".000Z", "Z"),
    };
    return Response.json(body);
}
