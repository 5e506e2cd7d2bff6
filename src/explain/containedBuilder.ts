import { type BuildFault, BuildFaultKind } from "./buildFault";

/** What is known of one BuildKit of the builder that an image uses. */
interface BuilderPlace {
    readonly driver: string;
    /** Address of Docker, or the name of its context. @default unknown */
    readonly endpoint?: string;
    /** Options of the driver. */
    readonly options: Readonly<Record<string, string>>;
}

/** The connection to a BuildKit ended, as gRPC reports it. */
const endedConnection =
    /error reading from server|transport is closing|closing transport|http2: client connection lost/;
const refusedLoopback = /dial tcp ((?:127\.[\d.]+|\[::1\]):\d+): connect: connection refused/;
/** Docker's plugin on this machine asks for tokens. */
const outsideContainer = /failed to fetch (?:oauth|anonymous) token: /;
/** Docker's rootless mode, where network=host is a network of the daemon (seen with Docker 20.10). */
const rootless = /\/run\/user\/\d+\/|^rootless$/;

/**
 * The fault of a build that can pass on a remote builder, and cannot pass on a builder in a container of
 * Docker; undefined for any other.
 *
 * @param places the BuildKits of the image's builder; empty when unknown.
 */
export function containedFault(
    error: string,
    places: readonly BuilderPlace[],
): BuildFault | undefined {
    if (places.length === 0 || places.some(({ driver }) => driver !== "docker-container")) {
        return undefined;
    }
    if (endedConnection.test(error)) return restartedBuilder;
    const address = refusedLoopback.exec(error)?.[1];
    if (address === undefined || outsideContainer.test(error)) return undefined;
    const kind = BuildFaultKind.Refused;
    if (places.every(({ endpoint = "" }) => rootless.test(endpoint))) {
        return {
            kind,
            what: `the builder's container looks for ${address} in the network of Docker's rootless mode, where nothing listens`,
            advice: "Fix: give the registry an address of this machine that is not a loopback address. In rootless mode, network=host does not help.",
        };
    }
    return places.some(({ options }) => options["network"] === "host")
        ? undefined
        : {
              kind,
              what: `the builder's container looks for ${address} in its own network, where nothing listens`,
              advice: "Fix: create a builder in the machine's network, docker buildx create --use --driver-opt network=host, or give the registry an address that containers reach.",
          };
}

/** buildx 0.35 connects to a builder in a container only once (driver/docker-container, Client). */
export const restartedBuilder: BuildFault = {
    kind: BuildFaultKind.Refused,
    what: "the builder restarted, and docker-build keeps its dead connection to the builder until the end of the run",
    advice: "Run `pulumi up` again. If the builder restarts often, its machine may be out of memory.",
};
