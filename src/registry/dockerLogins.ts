import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { asRecord, asText } from "../text/lenientJson";
import { reasonOf } from "../text/reason";
import { trimEnd } from "../text/trimEnd";
import { CredentialHelper } from "./credentialHelper";
import { type RegistryCredentials, registryHost } from "./credentials";

/** What is wrong with Docker's configuration or a credential helper. */
export interface LoginFault {
    readonly text: string;
    readonly fix: string;
    /** Whether docker-build then fails each build. */
    readonly stopsBuilds: boolean;
}

/** How the logins of `docker login` are looked up. */
interface DockerLoginOptions {
    /** Environment with `DOCKER_CONFIG`; the default is `.docker` in the user's home. */
    readonly env: NodeJS.ProcessEnv;
    /** Receives each fault once. */
    readonly onFault: (fault: LoginFault) => void;
    /** Time limit for one request to a helper, in milliseconds. @default 10_000 */
    readonly timeoutMs?: number;
}

/** Shape of `config.json`: https://github.com/docker/cli/blob/v29.5.3/cli/config/configfile/file.go */
interface DockerConfiguration {
    readonly auths: Readonly<Record<string, unknown>>;
    /** Names of helpers, by the address of a registry. */
    readonly credHelpers: Readonly<Record<string, unknown>>;
    readonly credsStore: string;
}

/**
 * Logins of `docker login`, as docker-build 0.0.22 finds them (GetAllCredentials of Docker's
 * configuration): in `config.json`, and in the credential helpers that it names. Asks a helper only for
 * the registries that are needed.
 */
export class DockerLogins {
    private readonly options: DockerLoginOptions;
    private readonly file: string;
    private readonly configuration: DockerConfiguration;
    /** Addresses with a login in the default helper, by registry host. */
    private stored: Promise<ReadonlyMap<string, string>> | undefined;
    private readonly found = new Map<string, Promise<RegistryCredentials | undefined>>();

    constructor(options: DockerLoginOptions) {
        this.options = options;
        const { env } = options;
        this.file = join(env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json");
        this.configuration = this.read();
    }

    /** The login for a registry's host. Never throws. */
    find(registry: string): Promise<RegistryCredentials | undefined> {
        const found = this.found.get(registry) ?? this.look(registry);
        this.found.set(registry, found);
        return found;
    }

    /** Asks every helper, so that `onFault` gets the faults of all. */
    async check(): Promise<void> {
        const { credHelpers, credsStore } = this.configuration;
        if (credsStore !== "") await this.listStored();
        await Promise.all(Object.keys(credHelpers).map((one) => this.find(registryHost(one))));
    }

    private async look(registry: string): Promise<RegistryCredentials | undefined> {
        const { credHelpers, credsStore } = this.configuration;
        const own = Object.keys(credHelpers).find((one) => registryHost(one) === registry);
        const helper = own === undefined ? "" : asText(credHelpers[own]);
        if (own !== undefined && helper !== "") {
            const consequence = `docker-build then has no login for ${own}`;
            return this.ask(helper, `credHelpers["${own}"]`, consequence, (one) => one.get(own));
        }
        if (credsStore === "") return this.fromFile(registry);
        const address = (await this.listStored()).get(registry);
        return address === undefined
            ? undefined
            : this.ask(credsStore, "credsStore", storeConsequence, (one) => one.get(address));
    }

    private listStored(): Promise<ReadonlyMap<string, string>> {
        this.stored ??= this.ask(
            this.configuration.credsStore,
            "credsStore",
            storeConsequence,
            (helper) => helper.list(),
        ).then((list = []) => new Map(list.map((address) => [registryHost(address), address])));
        return this.stored;
    }

    private async ask<T>(
        name: string,
        setting: string,
        consequence: string,
        question: (helper: CredentialHelper) => Promise<T>,
    ): Promise<T | undefined> {
        const { env, timeoutMs = 10_000 } = this.options;
        try {
            return await question(new CredentialHelper(name, { env, timeoutMs }));
        } catch (error) {
            this.report({
                text: `${this.file}: ${setting}: ${reasonOf(error)}; ${consequence}.`,
                fix: `repair or install the helper, or remove ${setting} and run \`docker login\` again.`,
                stopsBuilds: consequence === storeConsequence,
            });
            return undefined;
        }
    }

    private fromFile(registry: string): RegistryCredentials | undefined {
        const entry = Object.entries(this.configuration.auths).findLast(
            ([address, one]) => registryHost(address) === registry && parseEntry(one) !== undefined,
        );
        return parseEntry(entry?.[1]);
    }

    private read(): DockerConfiguration {
        const { auths, credHelpers, credsStore } = asRecord(this.readFile());
        const set = {
            auths: asRecord(auths),
            credHelpers: asRecord(credHelpers),
            credsStore: asText(credsStore),
        };
        const isSet =
            set.credsStore !== "" ||
            [set.auths, set.credHelpers].some((one) => Object.keys(one).length > 0);
        return isSet ? set : { ...set, credsStore: usualHelper(this.options.env) };
    }

    private readFile(): unknown {
        try {
            return JSON.parse(readFileSync(this.file, "utf8"));
        } catch (error) {
            if (existsSync(this.file)) {
                // The message of a syntax error quotes the text, and with it a login.
                const reason = error instanceof SyntaxError ? "is not JSON" : reasonOf(error);
                this.report({
                    text: `${this.file}: ${reason}; docker-build ignores the file and its logins.`,
                    fix: "correct it, or delete it and run `docker login`.",
                    stopsBuilds: false,
                });
            }
            return undefined; // no stored login; a later message names the missing one
        }
    }

    private readonly reported = new Set<string>();

    private report(fault: LoginFault): void {
        if (this.reported.has(fault.text)) return;
        this.reported.add(fault.text);
        this.options.onFault(fault);
    }
}

const storeConsequence = "docker-build cannot build anything";

/** The helper that Docker uses without any login in its configuration (DetectDefaultStore). */
function usualHelper(env: NodeJS.ProcessEnv): string {
    const [separator, suffix] = process.platform === "win32" ? [";", ".exe"] : [delimiter, ""];
    const folders = (env["PATH"] ?? "").split(separator);
    const has = (program: string) =>
        folders.some((folder) => existsSync(join(folder, `${program}${suffix}`)));
    const names: Partial<Record<NodeJS.Platform, string>> = {
        darwin: "osxkeychain",
        win32: "wincred",
        linux: has("pass") ? "pass" : "secretservice",
    };
    const name = names[process.platform] ?? "";
    return name !== "" && has(`docker-credential-${name}`) ? name : "";
}

// Shape: `auths` of https://github.com/docker/cli/blob/v28.0.0/cli/config/types/authconfig.go
function parseEntry(entry: unknown): RegistryCredentials | undefined {
    const { auth, username, password } = asRecord(entry);
    if (typeof auth === "string" && auth !== "") {
        const pair = trimEnd(Buffer.from(auth, "base64").toString("utf8"), "\0");
        const at = pair.indexOf(":");
        return at < 1 ? undefined : { username: pair.slice(0, at), password: pair.slice(at + 1) };
    }
    return typeof username === "string" && typeof password === "string" && username !== ""
        ? { username, password }
        : undefined;
}
