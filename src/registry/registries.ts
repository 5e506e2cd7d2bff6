import type { CacheTrust } from "./cacheTrust";
import type { CredentialsFor, RegistryCredentials } from "./credentials";
import type { Location } from "./location";
import { registryOrigins, speaksPlainHttp } from "./origin";
import { RegistrySession } from "./session";

/** Options for requests to registries. */
export interface RegistryOptions {
    /** Time limit for all parallel requests, from the first one, in milliseconds. @default 5000 */
    readonly timeoutMs?: number | undefined;
    /** URL of Harbor; its scheme also applies to Harbor's registry, even plain HTTP. */
    readonly url?: string | undefined;
    /**
     * Whether to verify the certificate of the registry at `url`; all others are always verified.
     * @default true
     */
    readonly verifyTls?: boolean | undefined;
    /**
     * Environment with the variables for certificates, proxies and Docker's configuration. @default
     * process.env
     */
    readonly env?: NodeJS.ProcessEnv | undefined;
    /** Which caches to use, and who signs those that the run writes. @default uses and writes any cache */
    readonly trust?: CacheTrust | undefined;
}

export const timeoutMsDefault = 5000;
/** Time limit for uploads of layers, in milliseconds. */
const uploadTimeoutMs = 10 * 60_000;

/** Sessions with the registries of a set of references. Close it after use. */
export class Registries {
    private readonly credentialsFor: CredentialsFor;
    private readonly options: RegistryOptions;
    private signal: AbortSignal | undefined;
    private readonly sessions = new Map<string, RegistrySession>();

    constructor(credentialsFor: CredentialsFor, options: RegistryOptions) {
        this.credentialsFor = credentialsFor;
        this.options = options;
    }

    /** Which caches to use; undefined for any. */
    get trust(): CacheTrust | undefined {
        return this.options.trust;
    }

    /**
     * Runs `question` with a session of the location's registry.
     *
     * @throws RequestError without a usable answer.
     */
    async ask<T>(
        location: Location,
        question: (session: RegistrySession) => Promise<T>,
    ): Promise<T> {
        const [first = "", second] = registryOrigins(location.server, this.options.url);
        const credentials = await this.credentialsFor(location.registry);
        // A credential helper can take longer than the requests.
        this.signal ??= AbortSignal.timeout(this.options.timeoutMs ?? timeoutMsDefault);
        const { signal } = this;
        try {
            return await question(this.session(first, credentials, signal));
        } catch (error) {
            if (second === undefined || !speaksPlainHttp(error)) {
                throw error;
            }
            return question(this.session(second, credentials, signal));
        }
    }

    /** The same registries, with time for uploads of layers. */
    patient(): Registries {
        return new Registries(this.credentialsFor, { ...this.options, timeoutMs: uploadTimeoutMs });
    }

    /** Closes every connection. */
    close(): void {
        for (const session of this.sessions.values()) {
            session.close();
        }
    }

    private session(
        origin: string,
        credentials: RegistryCredentials | undefined,
        signal: AbortSignal,
    ): RegistrySession {
        const known = this.sessions.get(origin);
        if (known !== undefined) {
            return known;
        }
        const made = new RegistrySession({
            origin,
            credentials,
            isHarbor: this.isHarbor(origin),
            verifyTls: this.options.verifyTls !== false || !this.isHarbor(origin),
            timeoutMs: this.options.timeoutMs ?? timeoutMsDefault,
            env: this.options.env ?? process.env,
            signal,
        });
        this.sessions.set(origin, made);
        return made;
    }

    private isHarbor(origin: string): boolean {
        const { url } = this.options;
        return url !== undefined && URL.canParse(url) && new URL(url).origin === origin;
    }
}
