import { trustFix } from "../http/trust";
import { printable } from "../text/printable";
import { type BuildFault, BuildFaultKind } from "./buildFault";
import { restartedBuilder } from "./containedBuilder";

interface Row {
    readonly kind: BuildFaultKind;
    readonly pattern: RegExp;
    readonly what: string;
    readonly advice?: string;
    readonly needsBuilder?: boolean;
    readonly retriesMax?: number;
}

const { Temporary, Refused } = BuildFaultKind;

/** What to do when Docker's socket refuses the user. */
export const dockerRights =
    "let your user use Docker without sudo: add it to the group docker and log in again, or use Docker's rootless mode.";

/**
 * Faults between the plugin, the builder and the network, by messages of gRPC, buildx and Go. First
 * match wins.
 */
const rows: readonly Row[] = [
    {
        // grpc-go 1.83 in Pulumi's engine, which starts no second plugin in a run. A builder's end has
        // the plugin's own words before it.
        kind: Refused,
        pattern:
            /^(?:error reading from server: |connection error: desc = "transport: |transport is closing)/,
        what: "docker-build's plugin ended during the run",
        advice: "Run the same command again. If the plugin ends again, the machine that runs Pulumi may be out of memory: check its kernel's log.",
    },
    {
        // The path in Go's error is on the machine of the builder.
        kind: Refused,
        pattern: /no space left on device|disk quota exceeded/,
        what: "the builder's disk is full",
        advice: "Fix: free space on the disk of the builder, for example with docker buildx prune, or give BuildKit a larger disk. Then run `pulumi up` again.",
    },
    {
        // buildx 0.35, store/storeutil.
        kind: Refused,
        pattern: /no builder "[^"]*" found/,
        what: "buildx has no builder with the given name",
        advice: "Fix: name a builder that `docker buildx ls` lists in builder or platformBuilders, or create one with that name: docker buildx create --name NAME.",
    },
    {
        // docker/docker-credential-helpers 0.9, client; docker-build asks before each build. EOF is the
        // answer of a helper that prints nothing.
        kind: Refused,
        pattern: /error (?:listing|getting) credentials - err: |getting host: EOF/,
        what: "Docker's credential helper fails, so docker-build cannot build anything",
        advice: "Fix: repair or install the helper that credsStore in Docker's config.json names, or remove credsStore and run `docker login` again.",
    },
    {
        // buildx 0.35, store.ValidateName.
        kind: Refused,
        pattern: /, name needs to start with a letter/,
        what: "the name in builder or platformBuilders is not one that buildx allows",
        advice: "Fix: name a builder that `docker buildx ls` lists. Names start with a letter and contain letters, digits, dots, hyphens and underscores.",
    },
    {
        // The connection of the driver docker-container, at each attempt after the first one.
        ...restartedBuilder,
        pattern: /Error while dialing: use of closed network connection/,
    },
    {
        // buildx 0.35 reports only that Docker's end of the pipe is closed (build/opt.go, LoadImage).
        kind: Refused,
        pattern: /failed to copy to tar: (?:(?!failed to copy).)*read\/write on closed pipe/,
        what: "no Docker daemon accepts the image",
        advice: 'Fix: start Docker where you run pulumi, name its address in DOCKER_HOST, or remove the export of type "docker".',
    },
    {
        // Go's crypto/x509; the message also names both times.
        kind: Refused,
        pattern: /x509: certificate has expired or is not yet valid/,
        what: "the registry's certificate has expired or is not valid yet",
        advice: "The error above names the time of the machine that checked it. If that time is right, renew the certificate or wait; if not, correct the clock of the builder and of the machine that runs pulumi.",
    },
    {
        // The plugin fetches tokens, unless BUILDKIT_NO_CLIENT_TOKEN leaves them to the builder.
        kind: Refused,
        pattern: /failed to fetch (?:oauth|anonymous) token: (?:(?!failed to fetch).)*x509: /,
        what: "docker-build's plugin, which fetches the token, does not trust the registry's certificate",
        advice: `${trustFix("its CA's certificate")}.`,
    },
    {
        kind: Refused,
        pattern: /x509: |certificate signed by unknown authority|tls: failed to verify certificate/,
        what: "the builder does not trust the registry's certificate",
        advice: 'Give the builder the CA of the registry: in buildkitd.toml, [registry."HOST"] with ca = ["FILE"].',
    },
    {
        kind: Refused,
        pattern: /server gave HTTP response to HTTPS client/,
        what: "the registry speaks plain HTTP and the builder expects TLS",
        advice: 'Serve it over TLS, or tell the builder: in buildkitd.toml, [registry."HOST"] with http = true.',
    },
    {
        kind: Refused,
        pattern: /no such host/,
        what: "the builder does not find the host",
        advice: "Check the name, and that the builder can resolve it.",
    },
    {
        kind: Temporary,
        pattern: /server misbehaving|Temporary failure in name resolution/,
        what: "the builder's DNS did not answer",
    },
    {
        // moby/client 0.5, request.go; docker 28 and older name the socket.
        kind: Refused,
        pattern: /permission denied while trying to connect to the [Dd]ocker /,
        what: "your user may not use Docker",
        advice: `Fix: ${dockerRights}`,
    },
    {
        // A remote builder that is down for a moment ends here too: docker-build then tries Docker.
        kind: Temporary,
        pattern: /failed to connect to the docker API/,
        what: "no builder answers, and docker-build found no Docker to start its own builder",
        advice: "Start the builder that `docker buildx ls` shows, or Docker; `docker buildx create --use` creates one.",
        needsBuilder: true,
    },
    {
        kind: Temporary,
        pattern:
            /no valid drivers found|failed to list workers|no active session|error reading from server|transport is closing|closing transport|http2: client connection lost|dial unix \S+: connect: (?:connection refused|no such file or directory)|Error while dialing/,
        what: "the builder is not reachable",
        advice: "Check that its buildkitd is running and did not stop during the build, for example because the machine ran out of memory.",
    },
    {
        kind: Temporary,
        pattern: /TLS handshake timeout/,
        what: "the TLS handshake took too long",
    },
    {
        // A remote builder that does not answer within 20 s: docker-build reports nothing else.
        kind: Temporary,
        pattern: /^[^\w\n\r\u2028\u2029]*context deadline exceeded$/m,
        what: "the builder is not reachable",
        retriesMax: 1,
        advice: 'Check that the BuildKit instance that the log names in `building with "…" instance` is running. Start it, or name a different builder.',
    },
    {
        kind: Temporary,
        pattern:
            /i\/o timeout|context deadline exceeded|code = DeadlineExceeded|Client\.Timeout exceeded|timeout awaiting response headers/,
        what: "no answer came in time",
    },
    {
        kind: Temporary,
        pattern: /connection reset by peer|broken pipe|use of closed network connection/,
        what: "the connection was reset",
    },
    {
        kind: Temporary,
        pattern: /connection refused/,
        what: "the connection was refused",
        advice: "Check that the registry is running, and that the builder can reach it at this host and port.",
    },
    {
        kind: Temporary,
        pattern: /(?:: |unexpected )EOF\b/,
        what: "the connection was closed in the middle of a transfer",
    },
    {
        kind: Temporary,
        pattern: /code = Unavailable/,
        what: "the builder is not reachable",
    },
];

/** Docker's daemon pulls the image of a builder in a container (moby, distribution). */
const builderImage =
    /Error response from daemon: (?:Get "|Head "|pull access denied|manifest (?:for|unknown)|unauthorized|toomanyrequests|failed to (?:resolve reference|copy:|do request:|authorize:)|no matching manifest)/;

/**
 * The fault of a Docker that cannot pull BuildKit's image. Its words are also those of a registry that
 * refuses a base image; undefined for any other fault.
 */
export function daemonFault(error: string): BuildFault | undefined {
    return builderImage.test(error)
        ? {
              kind: Refused,
              what: "Docker cannot pull BuildKit's image, so the builder does not start",
              advice: "Fix: docker buildx inspect --bootstrap NAME shows the reason. Give the Docker daemon access to the image's registry, or create a builder with an image that it can pull: docker buildx create --use --driver-opt image=IMAGE.",
          }
        : undefined;
}

/** The fault of the builder or network in an error text; undefined for none. */
export function builderFault(error: string): BuildFault | undefined {
    const row = rows.find(({ pattern }) => pattern.test(error));
    if (row === undefined) {
        return undefined;
    }
    const what = `${row.what}${requestOf(error)}`;
    const { pattern: _, advice = "", ...rest } = row;
    return { ...rest, what, advice };
}

/**
 * The request in a message of Go's HTTP client, without its query, which can contain an upload
 * token.
 */
function requestOf(error: string): string {
    const [, method, url] = /(Head|Get|Post|Put|Patch) "([^"?]+)(?:\?[^"]*)?":/.exec(error) ?? [];
    return method === undefined ? "" : printable(` (${method.toUpperCase()} ${url})`);
}
