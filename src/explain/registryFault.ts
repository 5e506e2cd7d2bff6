import { temporaryStatuses } from "../http/retry";
import { printable } from "../text/printable";
import { type BuildFault, BuildFaultKind } from "./buildFault";
import { policyFix } from "./policyFix";

interface Row {
    readonly kind: BuildFaultKind;
    readonly pattern: RegExp;
    /** `$1` and `$2` stand for the pattern's groups. */
    readonly what: string;
    /** For a policy, {@link policyFix} replaces this advice. */
    readonly advice: string;
}

const { Temporary, Refused, Unauthorized } = BuildFaultKind;

const loginAdvice =
    "Check user and secret. Harbor answers the same for a disabled or expired robot account, and for a project that does not exist.";
const permissionAdvice =
    "Give the account the permissions pull and push on the project's repositories.";

const namesAdvice = "If the registry has only names of two parts, set cache.repository.";

/** Messages of Harbor (recorded with 2.15) and other registries. First match wins. */
const rows: readonly Row[] = [
    {
        kind: Refused,
        pattern: /exceed the configured upper limit of (\d[\d.]* \w+)/,
        what: "the storage quota of the Harbor project, $1, is full",
        advice: "Raise the project's storageQuota, or clean up: untagged artifacts count until a retention rule deletes them.",
    },
    {
        kind: Refused,
        pattern: /'([^']+)' configured as immutable/,
        what: "the tag $1 exists and is immutable",
        advice: "",
    },
    {
        kind: Refused,
        pattern: /system is in read only mode/,
        what: "Harbor is in read-only mode and accepts no pushes",
        advice: "Wait until an administrator ends it (Administration, Configuration, System Settings: Repository Read Only), or end it yourself.",
    },
    {
        kind: Refused,
        pattern: /can not push artifact to a proxy project/,
        what: "the Harbor project is a proxy cache, which accepts no pushes",
        advice: "Push to a project of another kind.",
    },
    {
        kind: Refused,
        pattern: /image is not signed by (\w+)/,
        what: "content trust of the Harbor project blocks the tag: it is not signed by $1",
        advice: "",
    },
    {
        kind: Refused,
        pattern: /due to configured policy/,
        what: "vulnerability prevention of the Harbor project blocks the tag",
        advice: "",
    },
    {
        kind: Refused,
        pattern: /project (\S+) not found/,
        what: 'the Harbor project "$1" does not exist',
        advice: "Declare it, or correct its name.",
    },
    {
        kind: Refused,
        pattern: /unknown: artifact (\S+) not found/,
        what: "Harbor rejected the manifest that names $1",
        advice: "Registry caches need imageManifest and ociMediaTypes: Harbor refuses them in their index form.",
    },
    {
        kind: Refused,
        pattern:
            /error writing manifest blob: .*(?:PUT request to \S+: 4(?:00|04|05|06|15|22)\b|manifest invalid|unsupported|media ?type)/i,
        what: "the registry refuses cache manifests",
        advice: "Keep the cache in images: cache.backend: CacheBackend.Images. Or keep none: cache.write: false.",
    },
    {
        kind: Refused,
        pattern: /invalid repository name/i,
        what: "the registry does not accept the repository's name",
        advice: namesAdvice,
    },
    {
        kind: Refused,
        pattern:
            /failed to resolve source metadata for (\S+): (?:(?!failed to resolve).)*not found/,
        what: "the base image $1 does not exist",
        advice: "Check its name, and that the builder is allowed to pull it.",
    },
    {
        kind: Unauthorized,
        pattern: /unauthorized to access repository: ([^\s,]+), action: (\w+)/,
        what: "the account may not $2 in $1",
        advice: permissionAdvice,
    },
    {
        kind: Refused,
        pattern: /reached your (?:\w+ )?(?:pull )?rate limit/,
        what: "the registry's rate limit for pulls is used up for hours",
        advice: "Log in there, or pull base images through a proxy cache project of Harbor.",
    },
    {
        kind: Unauthorized,
        pattern:
            /no basic auth credentials|authorization failed|authentication required|unauthorized: /,
        what: "the registry rejected the login",
        advice: loginAdvice,
    },
    {
        kind: Refused,
        pattern: /insufficient_scope|access denied|requested access to the resource is denied/,
        what: "the registry denies access",
        advice: `${permissionAdvice} ${namesAdvice}`,
    },
    {
        kind: Temporary,
        pattern: /toomanyrequests|too many requests/i,
        what: "the registry is limiting requests",
        advice: "",
    },
    {
        kind: Temporary,
        pattern: /unknown: (?:unknown error|internal server error)|INTERNAL_ERROR/i,
        what: "the registry had an internal error",
        advice: "See the registry's logs; in Harbor, those of core and registry.",
    },
    {
        // Seen when BuildKit pushes one layer to two repositories at once.
        kind: Temporary,
        pattern: /blob unknown to registry/,
        what: "the registry does not have a layer of the pushed image",
        advice: "If this happens again, look for a garbage collection that runs during builds.",
    },
];

/** The first request of BuildKit to a loopback address; a server that expects TLS answers it with 400. */
const plainRequest = /^HEAD http:\/\/(?:127\.|localhost[:/]|\[::1\])/;
const tlsAdvice =
    'If the registry expects TLS: BuildKit uses plain HTTP for loopback addresses, so set in buildkitd.toml [registry."HOST"] with http = false and ca = ["FILE"].';

/** Meaning of a status without a message (containerd 2.2, core/remotes/errors). */
const statuses: Readonly<
    Record<number, { readonly kind: BuildFaultKind; readonly advice: string }>
> = {
    400: {
        kind: Refused,
        advice: `If the registry is Harbor, it expects a project before the repository's name: HOST/PROJECT/IMAGE. ${namesAdvice}`,
    },
    401: { kind: Unauthorized, advice: loginAdvice },
    403: { kind: Refused, advice: "The account may not do that: check its permissions." },
    404: {
        kind: Refused,
        advice: `Is the repository's name right? ${namesAdvice} Harbor also gives this answer to a cache in index form: registry caches need imageManifest and ociMediaTypes.`,
    },
    409: {
        kind: Refused,
        advice: "Something else is pushing the same tag: let only one build write each tag.",
    },
    412: {
        kind: Refused,
        advice: "If the registry is Harbor, a policy of the project blocks the tag: vulnerability prevention, content trust or immutable tags. Push under a separate tag (tagByContent, tags); a cache needs a form (cache.backend) or a project (cache.project) that the policy allows.",
    },
    413: {
        kind: Refused,
        advice: "A proxy in front of the registry limits the size of a request (nginx: client_max_body_size 0).",
    },
    501: { kind: Refused, advice: "The registry cannot do that." },
    507: { kind: Refused, advice: "The registry's storage is full." },
};

/** The refusal or fault of a registry in an error text; undefined for none. */
export function registryFault(error: string): BuildFault | undefined {
    const status = statusFault(error);
    const words = rows
        .map((row) => ({ row, match: row.pattern.exec(error) }))
        .find(({ match }) => match !== null);
    if (words?.match && (words.row.kind !== Temporary || status === undefined)) {
        const { row, match } = words;
        const what = row.what.replace(/\$([12])/g, (_, group) =>
            printable(match[Number(group)] ?? ""),
        );
        return { kind: row.kind, what, advice: policyFix(error, error) ?? row.advice };
    }
    return status;
}

function statusFault(error: string): BuildFault | undefined {
    const match =
        /unexpected status (?:code )?from (\w+) request to (\S+): (\d{3})/.exec(error) ??
        /unexpected (HEAD) status code (\S+): (\d{3})/.exec(error) ??
        // Of a request that the message does not name (distribution's and regclient's clients).
        /unexpected (?:http )?status(?: code)?()():? \[?([45]\d{2})\b/i.exec(error);
    if (match === null) {
        return undefined;
    }
    const [, method = "", url = "", code = ""] = match;
    const status = Number(code);
    // The query can contain an upload token.
    const request = url && printable(` to ${method} ${url.split("?", 1)[0]}`);
    const known = statuses[status];
    const isPlain = status === 400 && plainRequest.test(`${method} ${url}`);
    const kind =
        known?.kind ?? (temporaryStatuses.has(status) || status >= 500 ? Temporary : Refused);
    return {
        kind,
        what: `the registry answered ${status}${request}`,
        advice: [...(isPlain ? [tlsAdvice] : []), known?.advice ?? ""].join(" "),
        unexplained: true,
    };
}
