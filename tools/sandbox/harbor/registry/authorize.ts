import { type Account, anonymous } from "../core/account";
import type { Project } from "../core/model";
import { may } from "../core/policy";
import type { Services } from "../core/services";
import { basicChallenge, registryRefusal } from "./refusal";
import type { Grant } from "./signingKey";
import { isDigest, type Target } from "./target";
import { mayCatalog, projectPart, repositoryRights } from "./tokenService";

type Action = "pull" | "push" | "delete";

interface Need {
    readonly repository: string;
    readonly action: Action;
}

/** The sender of a `/v2/` request: an account, or the holder of a token of this server. */
interface Bearer {
    readonly account: Account;
    readonly grants: readonly Grant[] | undefined;
    readonly asked: boolean;
}

export interface RegistryRequest {
    readonly method: string;
    readonly url: URL;
    readonly authorization: string | undefined;
}

const actions: Readonly<Record<string, Action>> = {
    GET: "pull",
    HEAD: "pull",
    POST: "push",
    PUT: "push",
    PATCH: "push",
    DELETE: "delete",
};

async function bearerOf(services: Services, header: string | undefined): Promise<Bearer> {
    const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
    if (token === undefined) {
        const account = await services.logins.login(header);
        return { account, grants: undefined, asked: header !== undefined };
    }
    const grants = await services.signingKey.verify(token);
    return { account: anonymous, grants, asked: true };
}

function needs(target: Target, request: RegistryRequest): Need[] {
    if (target.kind === "base" || target.kind === "catalog") {
        return [];
    }
    const action = actions[request.method] ?? "push";
    const list: Need[] = [{ repository: target.repository, action }];
    const source = mountSource(target, request);
    return source === undefined ? list : [...list, { repository: source, action: "pull" }];
}

/** The repository from which to mount a blob; undefined when the request mounts nothing. */
export function mountSource(target: Target, request: RegistryRequest): string | undefined {
    const digest = request.url.searchParams.get("mount");
    const from = request.url.searchParams.get("from");
    const mounts = target.kind === "uploads" && request.method === "POST" && digest !== null;
    return mounts && isDigest(digest) && from !== null && from !== "" ? from : undefined;
}

/** The challenge: where to get a token, with which scope. */
function challenge(services: Services, host: string, list: readonly Need[]): string {
    const { protocol } = new URL(services.externalUrl());
    const realm = `${protocol}//${host}/service/token`;
    const scopes = list.map(({ repository, action }) => {
        const wanted = action === "push" ? "pull,push" : action;
        return `repository:${repository}:${wanted}`;
    });
    const scope = scopes.length === 0 ? "" : `,scope="${scopes.join(" ")}"`;
    return `Bearer realm="${realm}",service="harbor-registry"${scope}`;
}

/** The rights of a token apply to every repository of its project. */
function granted(bearer: Bearer, services: Services, need: Need, project: Project): boolean {
    if (bearer.grants !== undefined) {
        return bearer.grants.some(
            (grant) =>
                grant.type === "repository" &&
                projectPart(grant.name) === project.name &&
                grant.actions.includes(need.action),
        );
    }
    if (bearer.account.kind === "anonymous") {
        return may(services.store, bearer.account, project, "repository", need.action);
    }
    return repositoryRights(services, bearer.account, need.repository).includes(need.action);
}

/** Refuses a request without the right to it, as Harbor does: always with 401, never with 403. */
export async function authorize(
    services: Services,
    target: Target,
    request: RegistryRequest,
    host: string,
): Promise<Account> {
    const bearer = await bearerOf(services, request.authorization);
    const list = needs(target, request);
    const answer = bearer.asked ? basicChallenge : challenge(services, host, list);
    if (target.kind === "base") {
        if (bearer.account.kind === "anonymous" && bearer.grants === undefined) {
            throw registryRefusal("unauthorized", answer);
        }
        return bearer.account;
    }
    if (target.kind === "catalog") {
        if (!mayCatalog(bearer.account)) {
            throw registryRefusal("unauthorized to list catalog", basicChallenge);
        }
        return bearer.account;
    }
    if (!bearer.asked && actions[request.method] === "pull") {
        throw registryRefusal("authorize header needed to send HEAD to repository", answer);
    }
    for (const need of list) {
        const name = projectPart(need.repository);
        const project = services.store.of("projects").find((one) => one.name === name);
        if (project === undefined && bearer.asked) {
            throw registryRefusal(`project ${name} not found`, "");
        }
        if (project === undefined || !granted(bearer, services, need, project)) {
            throw registryRefusal(
                `unauthorized to access repository: ${need.repository}, action: ${need.action}`,
                answer,
            );
        }
    }
    return bearer.account;
}

/** Whether a request has a token of this server with which its sender may push to a project. */
export async function pushesByToken(
    services: Services,
    { authorization }: RegistryRequest,
    project: Project,
): Promise<boolean> {
    const bearer = await bearerOf(services, authorization);
    const need: Need = { repository: `${project.name}/any`, action: "push" };
    return bearer.grants !== undefined && granted(bearer, services, need, project);
}
