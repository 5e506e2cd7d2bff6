import type { Builder } from "../buildkit/builders";
import { builderFault } from "../explain/builderFault";
import type { BuildFault } from "../explain/buildFault";
import { containedFault } from "../explain/containedBuilder";

/** A name that no registry has: the builder asks the registry, and gets no image. */
const absent = (registry: string): string => `${registry}/harbor-build/doctor:none`;

/** A Dockerfile whose build needs only the registry's answer, and never succeeds. */
export const reachingDockerfile = (registry: string): string => `FROM ${absent(registry)}\n`;

/** Why a builder gets no answer from a registry, and what to do. */
interface Unreachable {
    readonly what: string;
    readonly fix: string;
}

/**
 * Reads in the error of {@link reachingDockerfile} why the builder gets no answer from the registry;
 * undefined if the registry gave any answer.
 */
export function whyNoReach(
    error: string,
    { name, nodes }: Builder,
    registry: string,
): Unreachable | undefined {
    // The client fetches the token, for a challenge that the builder got from the registry.
    if (/failed to fetch (?:oauth|anonymous) token: /.test(error)) return undefined;
    const found = containedFault(error, nodes) ?? plainFault(error) ?? builderFault(error);
    if (found === undefined) return undefined;
    const advice = found.advice.replace(/^Fix: /, "").replace('"HOST"', `"${registry}"`);
    const recreate = `Then create the builder again: \`docker buildx rm ${name}\`, \`docker buildx create --name ${name} --buildkitd-config buildkitd.toml\`.`;
    const isInFile = advice.includes("buildkitd.toml");
    // The error itself names the request that the explanation ends with.
    const [what = ""] = found.what.split(" (");
    const fix = advice || `check that ${registry} answers the builder, and run this command again.`;
    return { what, fix: [fix, ...(isInFile ? [recreate] : [])].join(" ") };
}

/**
 * A registry that expects TLS answers 400 to plain HTTP, or closes the connection. The name in the request
 * is a valid one.
 */
function plainFault(error: string): Pick<BuildFault, "what" | "advice"> | undefined {
    const isAnswered = / request to http:\/\/\S+: 400\b/.test(error);
    const isClosed = /"http:\/\//.test(error) && /: EOF$|read: connection reset/.test(error);
    if (!isAnswered && !isClosed) return undefined;
    const advice =
        'in buildkitd.toml, [registry."HOST"] with http = false, and with ca = ["FILE"] for a CA of your own.';
    return isAnswered
        ? { what: "the builder speaks plain HTTP, and the registry expects TLS", advice }
        : {
              what: "the builder speaks plain HTTP, and the registry closes the connection, as registries that expect TLS do",
              advice: `if the registry has TLS, ${advice}`,
          };
}
