import type { ClientOptions } from "../harbor/client";
import { type Credentials, isRobotName } from "../harbor/credentials";
import { askHarbor } from "../harbor/question";
import type { Robot } from "../harbor/robot";
import { findRobotByFullName } from "../harbor/robotLookup";
import { type CacheSourceState, CacheSourceStatus } from "../registry/cacheSource";
import type { RegistryOptions } from "../registry/registries";

/** Why a registry rejects an account's login, and what to do. */
export type RefusedLogin = Required<Pick<CacheSourceState, "status" | "reason" | "advice">>;

/**
 * Explains why the registry at a host rejects an account's login; undefined when the reason is
 * unknown.
 */
export type ExplainLogin = (host: string, username: string) => Promise<RefusedLogin | undefined>;

/** Address of Harbor's API, and the login to use. */
export interface HarborAccess extends RegistryOptions {
    /** The login of the Harbor provider, and the headers that it sends; undefined for none. */
    readonly login: () => Promise<Pick<ClientOptions, keyof Credentials | "headers"> | undefined>;
}

const timeoutMsDefault = 5000;
const recreate = "`pulumi up --replace URN` of the robot account creates a new one.";

/**
 * Creates the function that asks Harbor's API about a robot account whose login the registry
 * rejects. The registry answers the same for a wrong secret and for a disabled, expired or deleted
 * account (recorded with 2.15). The request uses the Harbor provider's login, which may see the
 * accounts that it created. The function runs only after a rejected login.
 */
export function explainLoginBy(access: HarborAccess): ExplainLogin {
    return async (host, username) => {
        const { url } = access;
        if (url === undefined || !URL.canParse(url) || new URL(url).host !== host) {
            return undefined;
        }
        const login = await access.login();
        if (login === undefined || login.username === username) {
            return undefined;
        }
        const timeoutMs = access.timeoutMs ?? timeoutMsDefault;
        const options = { ...login, url, verifyTls: access.verifyTls, env: access.env };
        try {
            const robot = await askHarbor(options, timeoutMs, (client) =>
                findRobotByFullName(client, username),
            );
            return explain(username, robot);
        } catch {
            return undefined; // This only explains a refusal that is reported anyway.
        }
    };
}

function explain(username: string, robot: Robot | undefined): RefusedLogin | undefined {
    // The name may be a user's, and users are not looked up.
    if (robot === undefined && !isRobotName(username)) return undefined;
    return (
        accountFault(username, robot) ??
        refused(
            `the robot account ${username} exists, but its secret in Harbor is a different one`,
            `If somebody changed it in Harbor, set the current secret in the program (secrets, credentials). ${recreate}`,
        )
    );
}

/** Why Harbor accepts no secret of a robot account; undefined for an account that can log in. */
export function accountFault(
    fullName: string,
    robot: Pick<Robot, "disabled" | "expiresAtMs"> | undefined,
): RefusedLogin | undefined {
    const account = `the robot account ${fullName}`;
    if (robot === undefined) {
        return refused(
            `${account} does not exist in Harbor`,
            "Was it deleted by hand? `pulumi refresh` and then `pulumi up` create a new one.",
        );
    }
    if (robot.disabled) {
        return refused(`${account} is disabled in Harbor`, "Enable it there.");
    }
    const { expiresAtMs } = robot;
    if (expiresAtMs === undefined || !(expiresAtMs <= Date.now())) return undefined;
    return {
        status: CacheSourceStatus.Expired,
        reason: `${account} expired at ${new Date(expiresAtMs).toISOString()}`,
        advice: `Its validity starts at its creation: raise robotDays, which triggers no build. ${recreate}`,
    };
}

const refused = (reason: string, advice: string): RefusedLogin => ({
    status: CacheSourceStatus.LoginRefused,
    reason,
    advice,
});
