import { sendsInTheClear } from "../harbor/address";
import { Claims } from "../harbor/claims";
import { type ClientOptions, HarborClient } from "../harbor/client";
import { GradualCancellation } from "../http/cancellation";
import { hasStatus, RequestError, RequestErrorKind } from "../http/error";
import { reasonOf } from "../text/reason";
import { type Configured, readConfiguration } from "./configuration";
import { UserError } from "./failure";
import { isFromEnvironment, isReadOnly } from "./harbor/settings";
import type { Context } from "./resource";
import { rightFor } from "./rights";
import { parseUrn } from "./urn";
import type { Bag } from "./values";
import { printWarning, type Warn } from "./warning";

type Limits = Pick<ClientOptions, "requestTimeoutMs" | "retry">;

const cancelledMessage = "cancelled";

/** The provider's connection to Harbor. Opens at the first use; a cancellation ends all of it. */
export class Connection {
    private readonly env: NodeJS.ProcessEnv;
    private readonly cancellation = new GradualCancellation();
    private readonly claims: Claims;
    private readonly warn: Warn;
    private readonly limits: Limits;
    private configured: Configured | undefined;
    private client: HarborClient | undefined;
    private readonly reported = new Set<string>();

    /** @param limits of each request @default those of {@link HarborClient} */
    constructor(
        env: NodeJS.ProcessEnv,
        claims = new Claims(undefined),
        warn: Warn = printWarning,
        limits: Limits = {},
    ) {
        this.env = env;
        this.claims = claims;
        this.warn = warn;
        this.limits = limits;
    }

    /** Reads a configuration without sending a request. @throws UserError with all failures. */
    configure(values: Bag): void {
        const configured = readConfiguration(values, this.env);
        if (configured.failures.length > 0) {
            const lines = configured.failures.map(
                ({ property, reason }) => `${property}: ${reason}`,
            );
            throw new UserError(`configuration of the provider harbor:\n${lines.join("\n")}`);
        }
        this.client?.close();
        this.client = undefined;
        this.configured = configured;
        const { url = "" } = configured.client ?? {};
        if (sendsInTheClear(url)) {
            void this.warn(
                `provider harbor: url: ${new URL(url).origin} is another machine without TLS, so the password and all secrets travel unencrypted. Serve Harbor over https, and write https:// in the url`,
                undefined,
            );
        }
    }

    /** Whether requests are possible: not while the address or login is unknown. */
    get isKnown(): boolean {
        return this.configured?.client !== undefined;
    }

    /** Host and port of Harbor; undefined while unknown. */
    get host(): string | undefined {
        const url = this.configured?.client?.url;
        return url === undefined ? undefined : new URL(url).host;
    }

    get robotPrefix(): string | undefined {
        return this.configured?.robotPrefix;
    }

    /**
     * Requires that Harbor's address is given or still unknown. A missing address alone is not an
     * error, because a stack may have no resource that needs Harbor.
     *
     * @throws UserError that names where to set the address; in full only the first time.
     */
    requireAddress(): void {
        const missing = this.configured?.missing;
        if (missing === undefined) return;
        const { property } = missing;
        if (this.reported.has(property)) {
            throw new UserError(`${property}: as reported before, Harbor's address is missing`);
        }
        this.reported.add(property);
        throw new UserError(`provider harbor: ${property}: ${missing.reason}`);
    }

    /**
     * The context of operations. Its client throws a UserError when the configuration does not
     * suffice.
     *
     * @throws UserError after a cancellation.
     */
    context(urn?: string): Context {
        if (this.cancellation.waits.aborted) throw new UserError(cancelledMessage);
        const connect = () => this.connect();
        const { url, verifyTls, env = this.env } = this.configured?.client ?? {};
        return {
            get client() {
                return connect();
            },
            registryOptions: { url, verifyTls, env },
            robotPrefix: this.robotPrefix,
            parentType: urn === undefined ? undefined : parseUrn(urn).parentType,
            isClaimed: (type, id) =>
                this.claims
                    .all()
                    .some(
                        (claim) =>
                            "id" in claim &&
                            claim.type === type &&
                            claim.id === id &&
                            claim.host === this.host,
                    ),
            warn: (message) => this.warn(message, urn),
        };
    }

    /**
     * Starts no new operation. Running changes may finish within seconds. After that they are aborted,
     * and their results are looked up.
     */
    cancel(): void {
        this.cancellation.cancel();
    }

    /** Runs `work`, and fails at a cancellation. For operations that change nothing in Harbor. */
    untilCancelled<T>(work: Promise<T>): Promise<T> {
        const { waits } = this.cancellation;
        return new Promise((resolve, reject) => {
            const stop = (): void => reject(new UserError(cancelledMessage));
            waits.addEventListener("abort", stop, { once: true });
            work.then(resolve, reject).finally(() => waits.removeEventListener("abort", stop));
        });
    }

    close(): void {
        this.client?.close();
    }

    /** The error for users. A fault of the connection appears in full only the first time. */
    explain(error: unknown): Error {
        const fault = connectionFaultOf(error);
        if (isFromEnvironment(error)) {
            return new UserError(
                `${reasonOf(error)}. Harbor takes its settings from its own environment; change them there, or remove CONFIG_OVERWRITE_JSON`,
                { cause: error },
            );
        }
        if (isReadOnly(error)) {
            return new UserError(
                `${reasonOf(error)}. A system administrator can end this mode: in Harbor under Administration, Configuration, System Settings, "Repository Read Only"`,
                { cause: error },
            );
        }
        if (hasStatus(error, 403) && error.code === "FORBIDDEN") {
            return new UserError(
                `${reasonOf(error)}. The configured login lacks the right to do this: it needs ${rightFor(error)}`,
                { cause: error },
            );
        }
        if (!fault) return error instanceof Error ? error : new Error(reasonOf(error));
        if (this.reported.has(fault.property)) {
            return new UserError(`${fault.property}: as reported before, ${fault.short}`, {
                cause: error,
            });
        }
        this.reported.add(fault.property);
        return new UserError(`provider harbor: ${fault.property}: ${reasonOf(error)}`, {
            cause: error,
        });
    }

    private connect(): HarborClient {
        if (this.client) return this.client;
        this.requireAddress();
        const options = this.configured?.client;
        if (!options) {
            throw new UserError(
                "provider harbor: its configuration is not known yet, so Harbor cannot be asked; values of the configuration come from resources that do not exist yet",
            );
        }
        const { cancellation, limits } = this;
        this.client = new HarborClient({ ...options, ...limits, cancellation });
        return this.client;
    }
}

function connectionFaultOf(error: unknown): { property: string; short: string } | undefined {
    if (!(error instanceof RequestError)) return undefined;
    if (error.kind === RequestErrorKind.Unreachable) {
        return { property: "url", short: "Harbor cannot be reached" };
    }
    if (error.kind === RequestErrorKind.NotHarbor) {
        return { property: "url", short: "the address does not look like a Harbor server's" };
    }
    if (error.kind === RequestErrorKind.Tls) {
        return { property: "url", short: "the connection to Harbor is not secure" };
    }
    if (error.kind === RequestErrorKind.Login || hasStatus(error, 401)) {
        return { property: "password", short: "Harbor refuses the login" };
    }
    return undefined;
}
