import * as pulumi from "@pulumi/pulumi";
import type { RegistryCredentials } from "../registry/credentials";
import { registryHost } from "../registry/credentials";
import { list, record } from "../registry/json";

/** What a hook needs of the inputs of a docker-build Image. */
export interface ImageInputs {
    /** References under which the image is pushed. */
    readonly tags: readonly string[];
    /** References of the cache manifests that are written beside the image. */
    readonly cacheTo: readonly string[];
    /** References of the cache sources in registries that are not disabled. */
    readonly cacheFrom: readonly string[];
    /** The image's own login for a registry host; "unknown" where only the deployment brings it. */
    readonly login: (registry: string) => RegistryCredentials | "unknown" | undefined;
    /** Whether the build uses no cache at all. Equivalent to Docker's `--no-cache`. */
    readonly noCache: boolean;
}

/**
 * Reads what the engine hands to a hook. Passwords come out in the clear, for requests alone.
 *
 * The engine's secrets arrive as outputs or as wrapped values and its unknowns as objects of the
 * SDK: serializing turns both into values that can be told apart, without waiting for what never
 * comes.
 */
export async function readImageInputs(
    inputs: Record<string, unknown> | undefined,
): Promise<ImageInputs> {
    const plain = record(bare(await pulumi.runtime.serializeProperties("hook", inputs ?? {})));
    return {
        tags: list(plain["tags"]).flatMap(text),
        cacheTo: registryReferences(plain["cacheTo"]),
        cacheFrom: registryReferences(plain["cacheFrom"]),
        login: readLogins(plain["registries"]),
        noCache: plain["noCache"] === true,
    };
}

/** References of those entries of `cacheFrom` or `cacheTo` that are in registries and not disabled. */
function registryReferences(entries: unknown): readonly string[] {
    return list(entries)
        .map(record)
        .filter((entry) => entry["disabled"] !== true)
        .flatMap((entry) => text(record(entry["registry"])["ref"]));
}

function readLogins(registries: unknown): ImageInputs["login"] {
    if (registries === pulumi.runtime.unknownValue) {
        return () => "unknown";
    }
    const logins = new Map<string, RegistryCredentials | "unknown">();
    for (const entry of list(registries).map(record)) {
        const [address] = text(entry["address"]);
        if (address === undefined) {
            continue;
        }
        const [username] = text(entry["username"]);
        const [password] = text(entry["password"]);
        logins.set(
            registryHost(address),
            username === undefined || password === undefined ? "unknown" : { username, password },
        );
    }
    return (registry) => logins.get(registry);
}

/** Takes the wrapping off secrets, at every depth. */
function bare(value: unknown): unknown {
    if (pulumi.runtime.isRpcSecret(value)) {
        return bare(pulumi.runtime.unwrapRpcSecret(value));
    }
    if (Array.isArray(value)) {
        return value.map(bare);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bare(one)]))
        : value;
}

const text = (value: unknown): string[] =>
    typeof value === "string" && value !== pulumi.runtime.unknownValue ? [value] : [];
