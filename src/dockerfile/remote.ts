import { InstructionError } from "./failure";
import { parseTruth } from "./fields";

/** A source of ADD, or a context, that BuildKit fetches. */
export interface RemoteSource {
    readonly kind: "git" | "http";
    /** Ids of the secrets with which BuildKit logs in, if the build has them. */
    readonly secrets: readonly string[];
    /** Id of the SSH agent with which BuildKit logs in. */
    readonly ssh?: string;
    /** Options in a git address. */
    readonly checksum?: string;
    readonly keepGitDir?: boolean;
}

/**
 * Reads a source as BuildKit 0.31 does; undefined for a path.
 *
 * @throws InstructionError for a git address whose query is wrong
 */
export function readRemote(source: string): RemoteSource | undefined {
    const git = readGit(source);
    if (git !== undefined) return git;
    // BuildKit reads a scheme in upper case as a path.
    return /^https?:\/\//.test(source)
        ? { kind: "http", secrets: httpSecrets(hostOf(source)) }
        : undefined;
}

/** Whether a source with this beginning is a URL, regardless of its end. */
export function beginsRemote(start: string): boolean {
    return /^https?:\/\//.test(start);
}

/**
 * How BuildKit may fetch a source of which only the beginning is known; "unknown" when another
 * server may be meant, and empty for a path.
 */
export function readRemoteStart(start: string): readonly (RemoteSource | "unknown")[] {
    const [, written] = /^([a-zA-Z0-9]+):\/\//.exec(start) ?? [];
    if (written === undefined) {
        if (schemes.some((one) => `${one}://`.startsWith(start.toLowerCase()))) return ["unknown"];
        return scpStart.test(start) ? [gitAccess("ssh", undefined)] : [];
    }
    const scheme = written.toLowerCase();
    if (!schemes.includes(scheme)) return [];
    const [, rest] = /^[^:]+:\/\/[^/?#]*([/?#].*)$/s.exec(start) ?? [];
    if (rest === undefined) return ["unknown"];
    const host = hostOf(start);
    const git = gitAccess(scheme, host);
    if (!scheme.startsWith("http")) return [git];
    // An unknown value may end the path, as in "r.git#main".
    const path = /[?#]/.test(rest) ? splitUrl(start)?.path : undefined;
    const file: RemoteSource = { kind: "http", secrets: httpSecrets(host) };
    if (path === undefined) return [git, file];
    return [path.endsWith(".git") ? git : file];
}

/** Whether BuildKit may log in to some server with the secret. */
export function isLoginSecret(id: string): boolean {
    return /^(?:GIT_AUTH_(?:HEADER|TOKEN)(?:\.|$)|HTTP_AUTH_(?:HEADER|TOKEN)_)/.test(id);
}

const schemes = ["http", "https", "ssh", "git"];

/** The beginning of {@link scpAddress}. */
const scpStart = /^(?:[a-zA-Z0-9_-]*|[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]*(?::.*)?)$/;

/** `user@host:path?query#ref`. */
const scpAddress = /^[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:[^\n?#]*(?:\?([^\n#]*))?(?:#([^\n]*))?$/;

function readGit(source: string): RemoteSource | undefined {
    const scheme = /^([a-zA-Z0-9]+):\/\//.exec(source)?.[1]?.toLowerCase();
    if (scheme === undefined) {
        if (source.startsWith("github.com/")) {
            // A path, but BuildKit checks its query too.
            const url = splitUrl(`https://${source}`);
            if (url !== undefined) readQuery(source, url.query, url.fragment);
            return undefined;
        }
        const scp =
            source.startsWith("./") || source.startsWith("../") ? null : scpAddress.exec(source);
        if (scp === null) return undefined;
        return { ...gitAccess("ssh", undefined), ...readQuery(source, scp[1] ?? "", scp[2] ?? "") };
    }
    if (!schemes.includes(scheme)) return undefined;
    const url = splitUrl(source);
    if (url === undefined) return undefined;
    if (scheme.startsWith("http") && !url.path.endsWith(".git")) return undefined;
    return {
        ...gitAccess(scheme, hostOf(source)),
        ...readQuery(source, url.query, url.fragment),
    };
}

/** The logins for git: `authSecretNames` in source/git/source.go, `Git` in client/llb/source.go. */
function gitAccess(scheme: string, host: string | undefined): RemoteSource {
    const names = ["GIT_AUTH_HEADER", "GIT_AUTH_TOKEN"];
    const secrets = [...names, ...names.flatMap((name) => (host ? [`${name}.${host}`] : []))];
    return { kind: "git", secrets, ...(scheme === "ssh" ? { ssh: "default" } : {}) };
}

/** The logins for files: `newHTTPRequest` in source/http/source.go. */
function httpSecrets(host: string): readonly string[] {
    const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
    return [`HTTP_AUTH_HEADER_${name}`, `HTTP_AUTH_TOKEN_${name}`];
}

/** The host of a URL, with its port. */
function hostOf(url: string): string {
    const authority = /^[a-z0-9]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? "";
    return authority.slice(authority.lastIndexOf("@") + 1);
}

/** Splits a URL as Go's net/url does; undefined when Go rejects it. */
function splitUrl(url: string): { path: string; query: string; fragment: string } | undefined {
    const [whole = "", ...fragments] = url.split("#");
    const fragment = fragments.join("#");
    const [main = "", ...queries] = whole.split("?");
    const [, authority = "", path = ""] = /^[a-zA-Z0-9]+:\/\/([^/]*)(.*)$/s.exec(main) ?? [];
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    const hasBadEscape = [authority, path, fragment].some((part) =>
        /%(?![0-9a-fA-F]{2})/.test(part),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses control characters
    const hasBadChar = /[\x00-\x1f\x7f]/.test(url) || /[\s"<>\\^`{|}]/.test(host);
    const hasBadPort = !/^(?:\[[^\]]*\]|[^:[\]]*)(?::\d*)?$/.test(host);
    if (hasBadEscape || hasBadChar || hasBadPort) return undefined;
    return { path: decodePath(path), query: queries.join("?"), fragment };
}

function decodePath(path: string): string {
    return path.replace(/%2e|%67|%69|%74|%47|%49|%54/gi, (escaped) => decodeURIComponent(escaped));
}

const flagKeys = new Set(["submodules", "keep-git-dir", "fetch-by-commit"]);
const valueKeys = new Set(["ref", "tag", "branch", "subdir", "checksum", "commit", "mtime"]);

/** Reads the query of a git address. @throws InstructionError */
function readQuery(source: string, query: string, fragment: string) {
    const wrong = (what: string) => new InstructionError(`"${source}": ${what}`);
    const values = new URLSearchParams(query);
    for (const key of new Set(values.keys())) {
        const all = values.getAll(key);
        const [value = ""] = all;
        if (!flagKeys.has(key) && !valueKeys.has(key)) throw wrong(`unknown query "${key}"`);
        if (all.length > 1) throw wrong(`"${key}" appears twice`);
        if (flagKeys.has(key) && value !== "") parseTruth(`"${source}": ${key}`, value);
        if (valueKeys.has(key) && value === "") throw wrong(`"${key}" needs a value`);
        if (key === "mtime" && value !== "checkout" && value !== "commit") {
            throw wrong(`mtime "${value}" is not allowed; expected checkout or commit`);
        }
    }
    checkRefs(values, fragment, wrong);
    const keep = values.get("keep-git-dir");
    return {
        checksum: values.get("commit") ?? values.get("checksum") ?? undefined,
        keepGitDir: keep === null ? undefined : keep === "" || parseTruth("keep-git-dir", keep),
    };
}

/** The fragment, `ref`, `tag` and `branch` must not conflict. */
function checkRefs(
    values: URLSearchParams,
    fragment: string,
    wrong: (what: string) => InstructionError,
): void {
    const [ref = "", folder = ""] = fragment.split(/:(.*)/s);
    const prefixed = (prefix: string, name: string | null) =>
        name === null || name.startsWith(prefix) ? name : prefix + name;
    const tag = prefixed("refs/tags/", values.get("tag"));
    const branch = prefixed("refs/heads/", values.get("branch"));
    if (tag !== null && branch !== null) throw wrong(`"tag" and "branch" cannot be used together`);
    const refs = new Set(
        [ref, values.get("ref"), tag, branch].filter((one) => one !== null && one !== ""),
    );
    if (refs.size > 1) throw wrong(`it names several refs: ${[...refs].join(", ")}`);
    const subdirs = new Set([folder.replace(/^\/+/, ""), values.get("subdir")]);
    subdirs.delete("");
    subdirs.delete(null);
    if (subdirs.size > 1) throw wrong(`it names several folders: ${[...subdirs].join(", ")}`);
}
