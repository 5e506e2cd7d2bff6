import { atOnce } from "../harbor/cancellation";
import { HarborClient } from "../harbor/client";
import type { Credentials } from "../harbor/credentials";
import type { Robot } from "../harbor/robot";
import { findRobotByFullName } from "../harbor/robotLookup";
import { type CacheSourceState, CacheSourceStatus } from "../registry/cacheSource";
import type { RegistryOptions } from "../registry/registries";

/** Why a registry does not take an account's login, and what to do. */
export type RefusedLogin = Required<Pick<CacheSourceState, "status" | "reason" | "advice">>;

/** Says why the registry at a host does not take the login of an account; undefined when that cannot be told. */
export type ExplainLogin = (host: string, username: string) => Promise<RefusedLogin | undefined>;

/** Where Harbor's API is asked, and as whom. */
export interface HarborAccess extends RegistryOptions {
    /** The login of the Harbor provider; undefined when there is none. */
    readonly login: () => Promise<Credentials | undefined>;
}

const timeoutMsDefault = 5000;
const recreate = "`pulumi up --replace URN` of the robot account creates a new one.";

/**
 * Makes the function that asks Harbor's API about a robot account whose login its registry does not
 * take: to the registry, a wrong secret and an account that is disabled, expired or gone are all the
 * same (recorded with 2.15). The Harbor provider's login asks, which may see the accounts that it
 * made. It is only asked after a refusal.
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
        const client = new HarborClient({
            ...login,
            url,
            verifyTls: access.verifyTls,
            requestTimeoutMs: timeoutMs,
            retry: { attemptsMax: 1 },
            env: access.env,
            cancellation: atOnce(AbortSignal.timeout(timeoutMs)),
        });
        try {
            return explain(username, await findRobotByFullName(client, username));
        } catch {
            return undefined; // it only explains a refusal, which is told in any case
        } finally {
            client.close();
        }
    };
}

function explain(username: string, robot: Robot | undefined): RefusedLogin | undefined {
    const account = `the robot account ${username}`;
    const refused = (reason: string, advice: string): RefusedLogin => ({
        status: CacheSourceStatus.LoginRefused,
        reason,
        advice,
    });
    if (robot === undefined) {
        // A user's name tells nothing here: users are not looked for.
        return /^robot\$|\+/.test(username)
            ? refused(
                  `${account} does not exist in Harbor`,
                  "Was it deleted by hand? `pulumi refresh` and then `pulumi up` create a new one.",
              )
            : undefined;
    }
    if (robot.disabled) {
        return refused(`${account} is disabled in Harbor`, "Enable it there.");
    }
    const { expiresAtMs } = robot;
    if (expiresAtMs !== undefined && expiresAtMs <= Date.now()) {
        return {
            status: CacheSourceStatus.Expired,
            reason: `${account} expired at ${new Date(expiresAtMs).toISOString()}`,
            advice: `Its validity starts at its creation: raise robotDays, which triggers no build. ${recreate}`,
        };
    }
    return refused(
        `${account} exists, but its secret in Harbor is a different one`,
        `Was it changed by hand? Set the current one (secrets, credentials). ${recreate}`,
    );
}
