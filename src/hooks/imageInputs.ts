import * as pulumi from "@pulumi/pulumi";
import type { RegistryCredentials } from "../registry/credentials";
import { registryHost } from "../registry/credentials";
import { locate } from "../registry/location";
import type { WantedStatement } from "../registry/signatures";
import { signatureType } from "../signing/bundle";
import { asList, asRecord, asRecords, asText } from "../text/lenientJson";
import { isPlaceholder } from "../text/placeholder";

/** The inputs of a docker-build Image that hooks need. */
export interface ImageInputs {
    /** References that the image is pushed to. */
    readonly tags: readonly string[];
    /** References of the cache manifests that the build writes. */
    readonly cacheTo: readonly string[];
    /** References of the enabled cache sources in registries. */
    readonly cacheFrom: readonly string[];
    /** The image's own login for a registry host; "unknown" until the deployment creates it. */
    readonly login: (registry: string) => RegistryCredentials | "unknown" | undefined;
    /** Name of the builder; undefined for the selected one. */
    readonly builder: string | undefined;
    /** Whether the build uses no cache at all. Equivalent to Docker's `--no-cache`. */
    readonly noCache: boolean;
}

/**
 * Reads the inputs that the engine passes to a hook. The result contains plain passwords, only for
 * requests.
 *
 * The engine's secrets arrive as outputs or wrapped values, and its unknowns as objects of the SDK.
 * Serialization turns both into distinct values, without waiting for outputs that never resolve.
 */
export async function readImageInputs(
    inputs: Record<string, unknown> | undefined,
): Promise<ImageInputs> {
    const plain = asRecord(bare(await serialize(inputs)));
    return {
        tags: asList(plain["tags"]).flatMap(text),
        cacheTo: registryReferences(plain["cacheTo"]),
        cacheFrom: registryReferences(plain["cacheFrom"]),
        login: readLogins(plain["registries"]),
        builder: text(asRecord(plain["builder"])["name"])[0] || undefined,
        noCache: plain["noCache"] === true,
    };
}

/**
 * Reads the inputs of a VerifiedCache like those of an Image that reads the caches, see
 * {@link readImageInputs}.
 */
export async function readSourcesInputs(
    inputs: Record<string, unknown> | undefined,
): Promise<ImageInputs & { readonly publicKeys: readonly string[]; readonly registry: string }> {
    const plain = asRecord(bare(await serialize(inputs)));
    const { registry, username, password } = plain;
    const cacheFrom = asList(plain["references"]).flatMap(text);
    return {
        tags: [],
        cacheTo: [],
        cacheFrom,
        login:
            username === undefined
                ? () => undefined
                : readLogins([{ address: registry, username, password }]),
        builder: undefined,
        noCache: false,
        publicKeys: asList(plain["publicKeys"]).flatMap(text),
        registry: asText(registry),
    };
}

/** The inputs of an ImageSignature. */
export interface SignatureInputs extends WantedStatement, Pick<ImageInputs, "login"> {
    readonly reference: string;
    readonly publicKey: string;
}

/** Reads the inputs of an ImageSignature, like {@link readImageInputs}. */
export async function readSignatureInputs(
    inputs: Record<string, unknown> | undefined,
): Promise<SignatureInputs> {
    const plain = asRecord(bare(await serialize(inputs)));
    const [predicateDigest] = text(plain["predicateDigest"]);
    const reference = asText(plain["reference"]);
    const { registry: address, selector: digest } = locate(reference);
    const { username, password } = plain;
    return {
        reference,
        digest,
        publicKey: asText(plain["publicKey"]),
        predicateType: text(plain["predicateType"])[0] ?? signatureType,
        predicateDigest,
        login:
            username === undefined
                ? () => undefined
                : readLogins([{ address, username, password }]),
    };
}

/**
 * Inputs as plain values, with the secret texts among them: passwords, and everything that the program
 * marked as secret. For comparisons, never for output.
 */
export async function readPlainInputs(inputs: Record<string, unknown> | undefined) {
    const { registries, ...others } = asRecord(await serialize(inputs));
    // docker-build makes a secret of the whole list, addresses and names included.
    const logins = asRecords(bare(registries));
    return {
        properties: asRecord(bare(others)),
        secrets: [...logins.flatMap(({ password }) => text(password)), ...secretTexts(others)],
    };
}

/** Names of the members of an input with secret values: all of them when the input itself is secret. */
export async function secretMembers(
    inputs: Record<string, unknown>,
    property: string,
): Promise<readonly string[]> {
    const value = asRecord(await serialize(inputs))[property];
    return pulumi.runtime.isRpcSecret(value)
        ? Object.keys(asRecord(bare(value)))
        : Object.entries(asRecord(value)).flatMap(([name, one]) =>
              pulumi.runtime.isRpcSecret(one) ? [name] : [],
          );
}

const serialize = (inputs: Record<string, unknown> | undefined) =>
    pulumi.runtime.serializeProperties("hook", inputs ?? {});

/** The texts inside secrets, at every depth. */
function secretTexts(value: unknown): readonly string[] {
    if (pulumi.runtime.isRpcSecret(value)) {
        return texts(bare(pulumi.runtime.unwrapRpcSecret(value)));
    }
    return typeof value === "object" && value !== null
        ? Object.values(value).flatMap(secretTexts)
        : [];
}

function texts(value: unknown): readonly string[] {
    return typeof value === "object" && value !== null
        ? Object.values(value).flatMap(texts)
        : text(value);
}

/** References of the enabled registry entries of `cacheFrom` or `cacheTo`. */
function registryReferences(entries: unknown): readonly string[] {
    return asRecords(entries)
        .filter((entry) => entry["disabled"] !== true)
        .flatMap((entry) => text(asRecord(entry["registry"])["ref"]));
}

/** Reads logins in the form of `registries`. */
export function readLogins(registries: unknown): ImageInputs["login"] {
    if (registries === pulumi.runtime.unknownValue) {
        return () => "unknown";
    }
    const logins = new Map<string, RegistryCredentials | "unknown">();
    for (const entry of asRecords(registries)) {
        const [address] = text(entry["address"]);
        if (address === undefined) {
            continue;
        }
        const [username] = text(entry["username"]);
        const [password] = text(entry["password"]);
        if (isPlaceholder(password)) {
            continue;
        }
        logins.set(
            registryHost(address),
            username === undefined || password === undefined ? "unknown" : { username, password },
        );
    }
    return (registry) => logins.get(registry);
}

/** Unwraps secrets at every depth. */
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
