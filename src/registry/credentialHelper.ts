import { execFile } from "node:child_process";
import { asRecord } from "../text/lenientJson";
import { printable } from "../text/printable";
import type { RegistryCredentials } from "./credentials";

/** How a helper is run. */
interface HelperOptions {
    readonly env: NodeJS.ProcessEnv;
    /** Time limit for one request, in milliseconds. */
    readonly timeoutMs: number;
}

/** Largest answer of a helper, in bytes. */
const answerBytesMax = 1024 * 1024;
/** Longest reason of a helper that is kept, in characters. */
const reasonLengthMax = 200;

/** The answer of every helper that has no login for an address. */
const notFound = "credentials not found in native keychain";
/** User name of a secret that is an OAuth token. docker-build 0.0.22 does not use such logins. */
const tokenUser = "<token>";

/**
 * A credential helper of Docker: the program `docker-credential-NAME`, which gets its input on standard
 * input and answers in JSON (https://github.com/docker/docker-credential-helpers, client and
 * credentials). Runs without a shell.
 */
export class CredentialHelper {
    private readonly program: string;
    private readonly options: HelperOptions;

    constructor(name: string, options: HelperOptions) {
        this.program = `docker-credential-${name}`;
        this.options = options;
    }

    /** The addresses for which the helper has a login. @throws Error when it does not answer */
    async list(): Promise<readonly string[]> {
        return Object.keys(await this.ask("list", "unused"));
    }

    /** The login for an address, in the form of {@link list}. @throws Error when the helper does not answer */
    async get(address: string): Promise<RegistryCredentials | undefined> {
        const { Username, Secret } = await this.ask("get", address);
        return typeof Username === "string" && typeof Secret === "string" && Username !== tokenUser
            ? { username: Username, password: Secret }
            : undefined;
    }

    private async ask(action: "list" | "get", input: string) {
        const answer = await this.run(action, input);
        if (answer.trim() === notFound) return {};
        const { program } = this;
        let parsed: unknown;
        try {
            parsed = JSON.parse(answer);
        } catch {
            // The answer may contain a password.
            throw new Error(`${program} ${action} answered no JSON`);
        }
        if (typeof parsed !== "object" || parsed === null) {
            throw new Error(`${program} ${action} answered no JSON object`);
        }
        return asRecord(parsed);
    }

    private run(action: string, input: string): Promise<string> {
        const { program, options } = this;
        if (/[/\\]/.test(program)) {
            const reason = `the helper's name contains a path separator (${printable(program)})`;
            return Promise.reject(new Error(reason));
        }
        const { env, timeoutMs: timeout } = options;
        const limits = { timeout, killSignal: "SIGKILL", maxBuffer: answerBytesMax } as const;
        return new Promise((resolve, reject) => {
            const child = execFile(program, [action], { env, ...limits }, (error, out, err) => {
                if (error === null || out.trim() === notFound) return resolve(out);
                if (error.code === "ENOENT") {
                    return reject(new Error(`${program} is not in the PATH`));
                }
                if (error.killed) {
                    return reject(new Error(`${program} ${action} did not end in ${timeout} ms`));
                }
                // A helper that fails may still have printed the login.
                const said = action === "get" ? err : out || err;
                const words = printable(said.trim() || `exit code ${error.code}`);
                const reason = words.slice(0, reasonLengthMax);
                reject(new Error(`${program} ${action} failed: ${reason}`));
            });
            child.stdin?.on("error", () => undefined); // the program may end without reading
            child.stdin?.end(input);
        });
    }
}
