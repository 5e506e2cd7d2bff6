import type { CredentialsFor } from "./credentials";
import type { Location } from "./location";
import { registryOrigins, speaksPlainHttp } from "./origin";
import { RegistrySession } from "./session";

/** How registries are asked. */
export interface RegistryOptions {
    /** Time allowed for all that is asked at once, in milliseconds. @default 5000 */
    readonly timeoutMs?: number | undefined;
    /** URL of Harbor: its scheme is what its registry speaks, even when that is plain HTTP. */
    readonly url?: string | undefined;
    /** Whether the certificate of the registry of `url` is verified; any other's always is. @default true */
    readonly verifyTls?: boolean | undefined;
    /** Where certificates, proxies and Docker's configuration are looked up. @default process.env */
    readonly env?: NodeJS.ProcessEnv | undefined;
}

export const timeoutMsDefault = 5000;

/** Sessions with the registries that a set of references names; to be closed when done. */
export class Registries {
    private readonly credentialsFor: CredentialsFor;
    private readonly options: RegistryOptions;
    private readonly signal: AbortSignal;
    private readonly sessions = new Map<string, RegistrySession>();

    constructor(credentialsFor: CredentialsFor, options: RegistryOptions) {
        this.credentialsFor = credentialsFor;
        this.options = options;
        this.signal = AbortSignal.timeout(options.timeoutMs ?? timeoutMsDefault);
    }

    /**
     * Runs `question` with a session of the location's registry.
     *
     * @throws HarborError when no usable answer came.
     */
    async ask<T>(
        location: Location,
        question: (session: RegistrySession) => Promise<T>,
    ): Promise<T> {
        const [first = "", second] = registryOrigins(location.server, this.options.url);
        try {
            return await question(this.session(location, first));
        } catch (error) {
            if (second === undefined || !speaksPlainHttp(error)) {
                throw error;
            }
            return question(this.session(location, second));
        }
    }

    /** Closes every connection. */
    close(): void {
        for (const session of this.sessions.values()) {
            session.close();
        }
    }

    private session({ registry }: Location, origin: string): RegistrySession {
        const known = this.sessions.get(origin);
        if (known !== undefined) {
            return known;
        }
        const made = new RegistrySession({
            origin,
            credentials: this.credentialsFor(registry),
            peer: this.isHarbor(origin) ? "Harbor" : "the registry",
            verifyTls: this.options.verifyTls !== false || !this.isHarbor(origin),
            timeoutMs: this.options.timeoutMs ?? timeoutMsDefault,
            env: this.options.env ?? process.env,
            signal: this.signal,
        });
        this.sessions.set(origin, made);
        return made;
    }

    private isHarbor(origin: string): boolean {
        const { url } = this.options;
        return url !== undefined && URL.canParse(url) && new URL(url).origin === origin;
    }
}
