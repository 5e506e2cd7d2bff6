import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Robot, User } from "./model";
import { verifySecret } from "./secrets";
import type { Settings } from "./settings";
import type { Store } from "./store";

/**
 * The sender of a request. As in Harbor, wrong credentials make a request anonymous, not refused.
 */
export type Account =
    | { readonly kind: "anonymous" }
    | { readonly kind: "user"; readonly name: string; readonly user: User }
    | { readonly kind: "robot"; readonly name: string; readonly robot: Robot };

export const anonymous: Account = { kind: "anonymous" };

export const isSystemAdmin = (account: Account): boolean =>
    account.kind === "user" && account.user.sysadmin;

/** Login name of a robot: the configured prefix and the stored name. */
export const robotName = (settings: Settings, robot: Robot): string =>
    `${settings.text("robot_name_prefix")}${robot.storedName}`;

/** Splits a Basic `Authorization` header; undefined for other headers. */
function basicCredentials(header: string | undefined): [string, string] | undefined {
    const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
    if (encoded === undefined) {
        return undefined;
    }
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const at = text.indexOf(":");
    return at < 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * Basic authentication with Harbor's rules: robots first, then users by name or e-mail; a failed
 * login takes `delayMs`, and during that time even the correct password of that name is refused.
 */
export class Logins {
    readonly #store: Store;
    readonly #settings: Settings;
    readonly #delayMs: number;
    readonly #lockedUntil = new Map<string, number>();
    /** Hashes of correct credentials, so that the slow check runs once for each. */
    readonly #known = new Map<string, string>();

    constructor(store: Store, settings: Settings, delayMs: number) {
        this.#store = store;
        this.#settings = settings;
        this.#delayMs = delayMs;
    }

    async login(header: string | undefined): Promise<Account> {
        const credentials = basicCredentials(header);
        if (credentials === undefined) {
            return anonymous;
        }
        const [name, secret] = credentials;
        return this.#asRobot(name, secret) ?? (await this.#asUser(name, secret));
    }

    #asRobot(name: string, secret: string): Account | undefined {
        const prefix = this.#settings.text("robot_name_prefix");
        if (!name.startsWith(prefix)) {
            return undefined;
        }
        const stored = name.slice(prefix.length);
        const robot = this.#store.of("robots").find((one) => one.storedName === stored);
        const usable =
            robot !== undefined &&
            !robot.disabled &&
            (robot.expiresAt === -1 || robot.expiresAt > Date.now() / 1000);
        return usable && this.#matches(secret, robot.secret)
            ? { kind: "robot", name, robot }
            : undefined;
    }

    async #asUser(name: string, secret: string): Promise<Account> {
        if ((this.#lockedUntil.get(name) ?? 0) > Date.now()) {
            return anonymous;
        }
        const user = this.#store
            .of("users")
            .find((one) => one.username === name || (name !== "" && one.email === name));
        if (user !== undefined && this.#matches(secret, user.password)) {
            return { kind: "user", name: user.username, user };
        }
        this.#lockedUntil.set(name, Date.now() + this.#delayMs);
        await sleep(this.#delayMs);
        return anonymous;
    }

    #matches(secret: string, hash: string): boolean {
        const digest = createHash("sha256").update(secret).digest("base64");
        if (this.#known.get(hash) === digest) {
            return true;
        }
        const right = verifySecret(secret, hash);
        if (right) {
            this.#known.set(hash, digest);
        }
        return right;
    }
}
