import type { RequestStep, SetupStep, Step } from "./recording";
import { accountKey, type Session } from "./session";

const right = "the right of a system administrator";

/**
 * The steps that an account without system rights cannot replay, because recordings are made as a
 * system administrator. Remembers the accounts that were not created, and skips their steps too.
 */
export class Rights {
    readonly #session: Session;
    readonly #missing = new Set<string>();

    constructor(session: Session) {
        this.#session = session;
    }

    /** Why a request is skipped, with the missing right; undefined when it is sent. */
    lacking(step: RequestStep): string | undefined {
        return this.#remember(step, this.#requestLacks(step));
    }

    /** The same for what a recording requires. */
    lackingFor(step: SetupStep): string | undefined {
        return this.#remember(step, this.#setupLacks(step));
    }

    #requestLacks(step: RequestStep): string | undefined {
        if (this.#session.server.systemRights) {
            return undefined;
        }
        if (step.needsSystemRights === true) {
            return `needs ${right}`;
        }
        const sender = step.as ?? step.bearer?.as ?? "";
        if (this.#missing.has(accountKey(sender))) {
            return `needs the account ${sender}, and making it ${right}`;
        }
        const body = JSON.stringify(this.#session.json(step.body ?? ""));
        const open = /\{\{([^}]+)\}\}/.exec(`${this.#session.text(step.path)} ${body}`)?.[1];
        return open === undefined ? undefined : `needs ${open}, and making it ${right}`;
    }

    #setupLacks(step: SetupStep): string | undefined {
        if (this.#session.server.systemRights) {
            return undefined;
        }
        if (step.setup === "user" || (step.setup === "robot" && step.level === "system")) {
            return `needs ${right}`;
        }
        const owner = step.setup === "project" ? (step.as ?? "") : "";
        return this.#missing.has(accountKey(owner)) ? `needs the account ${owner}` : undefined;
    }

    #remember(step: Step, reason: string | undefined): string | undefined {
        const account = reason === undefined ? undefined : accountMadeBy(step);
        if (account !== undefined) {
            this.#missing.add(accountKey(account));
        }
        return reason;
    }
}

/** The account that a step creates, by its recorded name. */
function accountMadeBy(step: Step): string | undefined {
    if ("setup" in step) {
        return step.setup === "user" || step.setup === "robot" ? step.name : undefined;
    }
    const made = step.method === "POST" && /\/(users|robots)$/.exec(step.path)?.[1];
    if (!made || step.body === undefined || !("json" in step.body)) {
        return undefined;
    }
    const source = made === "users" ? step.body.json : step.expect.json;
    const name = new Map(Object.entries(source ?? {})).get(made === "users" ? "username" : "name");
    return typeof name === "string" ? name : undefined;
}
