import { randomBytes } from "node:crypto";
import { Contents } from "./blobs";
import { type Answer, type Server, send } from "./http";
import { Names } from "./names";
import type { Bearer, Recording, RequestStep } from "./recording";

export interface TargetServer extends Server {
    readonly username: string;
    readonly password: string;
    /** Whether the account is a system administrator. */
    readonly systemRights: boolean;
    /** Address of a second registry, if the server can reach it. */
    readonly upstreamUrl?: string;
}

const everyManifestType = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "*/*",
].join(", ");
/**
 * A key that is the same for every spelling of an account: with a robot prefix, as an e-mail
 * address.
 */
export const accountKey = (name: string): string =>
    name.replace(/^(robot\$|bot\+)/, "").replace(/@lab\.test$/, "");

const wrongPassword = "Wr0ng-password";

/** A resource that a replay created. */
export interface Made {
    readonly path: string;
    /** For a project. */
    readonly projectName?: string;
}

/** The state of one replay: names, digests, passwords, and values of earlier answers. */
export class Session {
    readonly server: TargetServer;
    readonly names: Names;
    readonly contents: Contents;
    readonly values = new Map<string, string>();
    /** Resources to delete afterwards, in the order of their creation. */
    readonly made: Made[] = [];
    readonly #passwords = new Map<string, string>();
    readonly #oldPasswords = new Map<string, string>();
    readonly #tokens = new Map<string, string>();
    readonly #robotNames = new Map<string, string>();

    constructor(server: TargetServer, recording: Recording, run: string) {
        this.server = server;
        this.names = new Names(recording.names, run);
        this.contents = new Contents(recording.blobs ?? {});
        this.values.set("url", server.url);
        this.values.set("every manifest type", everyManifestType);
        const upstream = server.upstreamUrl ?? "";
        this.values.set("second registry", upstream);
        this.values.set("second registry host", upstream.replace("http://", ""));
        // An unused id: higher than all existing ids, and different in each run.
        this.values.set("free-1", run);
        this.values.set("admin", server.username);
        this.values.set("admin password", server.password);
    }

    /** A recorded text with the values of this run. */
    text(text: string): string {
        const named = this.names.in(this.contents.in(text));
        return named.replaceAll(/\{\{([^}]+)\}\}/g, (whole, name: string) => {
            return this.values.get(name.replace(/^text /, "")) ?? whole;
        });
    }

    /**
     * A recorded JSON value with the values of this run. A lone placeholder becomes a number,
     * unless `text` precedes its name.
     */
    json(value: unknown): unknown {
        if (typeof value === "string") {
            const alone = /^\{\{([a-z]+-\d+)\}\}$/.exec(value)?.[1];
            const found = alone === undefined ? undefined : this.values.get(alone);
            return found === undefined ? this.text(value) : Number(found);
        }
        if (Array.isArray(value)) {
            return value.map((one) => this.json(one));
        }
        if (typeof value === "object" && value !== null) {
            const entries = Object.entries(value);
            return Object.fromEntries(entries.map(([key, one]) => [key, this.json(one)]));
        }
        return value;
    }

    /** Records what this run created at a location, by the sent body. */
    noteMade(path: string, body: unknown): void {
        const { project_name: name } = (body ?? {}) as { project_name?: string };
        this.made.push({ path, ...(name === undefined ? {} : { projectName: name }) });
    }

    /** An account's name in this run; the administrator's name is given. */
    account(recorded: string): string {
        return recorded === "admin" ? this.server.username : this.names.in(recorded);
    }

    passwordOf(recorded: string): string {
        if (recorded === "admin") {
            return this.server.password;
        }
        return this.#passwords.get(accountKey(this.names.in(recorded))) ?? wrongPassword;
    }

    newPassword(recorded: string): string {
        const password = `Aa1${randomBytes(9).toString("hex")}`;
        this.setPassword(this.names.in(recorded), password);
        return password;
    }

    setPassword(name: string, password: string): void {
        const key = accountKey(name);
        const before = this.#passwords.get(key);
        if (before !== undefined) {
            this.#oldPasswords.set(key, before);
        }
        this.#passwords.set(key, password);
    }

    basic(recorded: string, password: RequestStep["password"]): string {
        const name = this.account(recorded);
        const secret =
            password === undefined
                ? this.passwordOf(recorded)
                : password === "wrong"
                  ? wrongPassword
                  : (this.#oldPasswords.get(accountKey(name)) ?? this.passwordOf(recorded));
        return `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;
    }

    async bearer(bearer: Bearer): Promise<string> {
        if (bearer.kept !== undefined) {
            return `Bearer ${this.#tokens.get(bearer.kept)}`;
        }
        const query = (bearer.scopes ?? []).map(
            (s) => `&scope=${encodeURIComponent(this.names.in(s))}`,
        );
        const path = `/service/token?service=harbor-registry${query.join("")}`;
        const { as } = bearer;
        const headers: Record<string, string> =
            as === null || as === undefined
                ? {}
                : { authorization: this.basic(as, bearer.password) };
        const answer = await send(this.server, "GET", path, headers);
        const { token } = JSON.parse(answer.body.toString("utf8")) as { token: string };
        if (bearer.keep !== undefined) {
            this.#tokens.set(bearer.keep, token);
        }
        return `Bearer ${bearer.tampered === true ? tamper(token) : token}`;
    }

    /** Sends a recorded request with the values of this run. */
    async send(step: RequestStep): Promise<Answer> {
        const headers: Record<string, string> = {};
        for (const [name, value] of Object.entries(step.headers ?? {})) {
            headers[name.toLowerCase()] = this.text(value);
        }
        if (step.as !== undefined && step.as !== null) {
            headers["authorization"] = this.basic(step.as, step.password);
        } else if (step.bearer !== undefined) {
            headers["authorization"] = await this.bearer(step.bearer);
        }
        const body = this.#body(step);
        if (step.body !== undefined && "json" in step.body) {
            headers["content-type"] ??= "application/json";
        }
        const answer = await send(this.server, step.method, this.#path(step), headers, body);
        this.#learn(step, answer);
        return answer;
    }

    #path(step: RequestStep): string {
        const upload = /\{\{(upload-[^}]+)\}\}(.*)$/.exec(step.path);
        if (upload === null) {
            return this.text(step.path);
        }
        // The registry returns the whole address of an upload; the rest of the query follows it.
        const [, name = "", rest = ""] = upload;
        return `${this.values.get(name)}${this.text(rest)}`;
    }

    #body(step: RequestStep): Buffer | undefined {
        if (step.body === undefined) {
            return undefined;
        }
        if ("json" in step.body) {
            return Buffer.from(JSON.stringify(this.json(step.body.json)));
        }
        if ("bytes" in step.body) {
            return this.contents.blob(step.body.digest);
        }
        const isManifest = step.path.includes("/manifests/");
        return isManifest ? this.contents.manifest(step.body.text) : Buffer.from(step.body.text);
    }

    #learn(step: RequestStep, answer: Answer): void {
        const location = answer.headers.location ?? "";
        if (step.capture?.from === "location") {
            const value = location.slice(location.lastIndexOf("/") + 1);
            this.values.set(step.capture.name, value);
        }
        if (step.capture?.from === "upload") {
            this.values.set(step.capture.name, location);
        }
        const made = step.method === "POST" && answer.status === 201;
        // Runs of jobs have a location too but cannot be deleted.
        const isRun = /\/executions\/|\/system\//.test(location);
        if (made && location.startsWith("/api/v2.0/") && !isRun) {
            this.noteMade(
                location,
                this.json(step.body && "json" in step.body ? step.body.json : {}),
            );
        }
        const isJson = answer.status < 300 && answer.body.length > 0;
        if (step.capture?.from === "json" && isJson) {
            const found = dig(JSON.parse(answer.body.toString("utf8")), step.capture.path ?? []);
            this.values.set(step.capture.name, String(found));
        }
        if (step.path.includes("/robots") && isJson) {
            this.#learnSecret(step, JSON.parse(answer.body.toString("utf8")));
        }
        if (step.path.startsWith("/api/v2.0/users") && made && step.body && "json" in step.body) {
            const { username, password } = this.json(step.body.json) as Record<string, string>;
            this.setPassword(username ?? "", password ?? "");
        }
    }

    #learnSecret(step: RequestStep, answer: unknown): void {
        const fields = new Map(Object.entries(answer ?? {}));
        const id = /\{\{(robots-\d+)\}\}/.exec(step.path)?.[1] ?? step.capture?.name ?? "";
        const secret: unknown = fields.get("secret");
        const name: unknown = fields.get("name");
        if (step.method === "POST" && typeof name === "string") {
            this.#robotNames.set(id, name);
        }
        const robot = this.#robotNames.get(id);
        if (robot === undefined) {
            return;
        }
        if (typeof secret === "string") {
            this.setPassword(robot, secret);
        } else if (step.method === "PATCH" && step.body !== undefined && "json" in step.body) {
            this.setPassword(robot, String((step.body.json as { secret?: string }).secret));
        }
    }
}

function dig(value: unknown, path: readonly (string | number)[]): unknown {
    return path.reduce<unknown>(
        (inner, key) => new Map(Object.entries(inner ?? {})).get(String(key)),
        value,
    );
}

/** The same token with another signature. */
function tamper(token: string): string {
    const [head = "", claims = "", signature = ""] = token.split(".");
    const other = signature.startsWith("A") ? "B" : "A";
    return [head, claims, `${other}${signature.slice(1)}`].join(".");
}
