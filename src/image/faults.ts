import { isIP } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import { mirrorFault } from "../bases/mirrors";
import { imagesOf } from "../bases/pins";
import { CacheBackend } from "../cache/backend";
import { isRemoteContext } from "../context";
import { InstructionError } from "../dockerfile/failure";
import { checkReference } from "../dockerfile/reference";
import { normalizePlatform, platformSuffix } from "../oci/platform";
import { hostFault, tagFault, tagLengthMax } from "../oci/reference";
import { isPublicKey } from "../signing/key";
import { isMountTarget } from "../slice";
import type {
    CachedImageArgs,
    CachedImageCacheArgs,
    CachedImageContextLimitsArgs,
    CachedImageSshArgs,
} from "./args";

type ImageGiven = Given<CachedImageArgs>;

/** Rejects the name `cache`: rules for caches, such as retention, match the last name of a repository. */
export function imageFaults(image: string): Fault[] {
    const reason = 'repositories whose last name is "cache" hold caches; use another name';
    return unusable("image", image, /(?:^|\/)cache$/.test(image) ? reason : undefined);
}

export function tagFaults(tags: readonly string[] = ["latest"], { args }: ImageGiven): Fault[] {
    const isEmpty = tags.length === 0 && !args.tagByContent;
    return [
        ...repeated("tags", tags),
        ...tags.flatMap((tag, index) => unusable(`tags[${index}]`, tag, tagFault(tag))),
        ...platformTagFaults(args),
        ...(isEmpty ? [{ path: "tags", message: "empty; expected at least one tag" }] : []),
    ];
}

/** Checks the tags of the platforms' images: the first tag, followed by the platform. */
function platformTagFaults({
    tags = ["latest"],
    tagByContent,
    platforms = [],
}: CachedImageArgs): Fault[] {
    const [tag] = tags;
    if (tag === undefined || tagFault(tag) !== undefined || tagByContent || platforms.length < 2) {
        return [];
    }
    const suffixes = platforms.map((platform) => platformSuffix(normalizePlatform(platform)));
    const longest = Math.max(...suffixes.map(({ length }) => length));
    const over = tag.length + 1 + longest - tagLengthMax;
    const message =
        `too long (${tag.length} characters). Each platform's image has this tag followed by the ` +
        `platform, and a tag may have ${tagLengthMax} characters. Shorten it by ${over}.`;
    return over > 0 ? [{ path: "tags[0]", message }] : [];
}

/** The duplicates in a list. */
export function repeated(path: string, values: readonly string[]): Fault[] {
    return values.flatMap((value, index) =>
        values.indexOf(value) === index
            ? []
            : [
                  {
                      path: `${path}[${index}]`,
                      message: `"${value}" is a duplicate; remove it`,
                  },
              ],
    );
}

function unusable(path: string, value: string, reason: string | undefined): Fault[] {
    return reason === undefined ? [] : [{ path, message: `"${value}" cannot be used: ${reason}` }];
}

export function dockerfileFaults(
    path: string | undefined,
    { args: { context } }: ImageGiven,
): Fault[] {
    // docker-build 0.0.22 looks for the file on this machine, and BuildKit for the same path there.
    const message =
        "a context that BuildKit fetches has its own Dockerfile. Remove dockerfile, or give the text in dockerfileInline";
    return path === undefined || !isRemoteContext(context) ? [] : [{ path: "dockerfile", message }];
}

export function inlineFaults(
    text: string | undefined,
    { args: { dockerfile } }: ImageGiven,
): Fault[] {
    const message = "replaces the file that dockerfile names; set only one of the two";
    return text === undefined || dockerfile === undefined
        ? []
        : [{ path: "dockerfileInline", message }];
}

export function cacheFaults(
    cache: CachedImageCacheArgs = {},
    { args: { sign } }: ImageGiven,
): Fault[] {
    const { fallbackProject, fallbackScopes, sources = [], mountBytesMax } = cache;
    const noScope = fallbackProject !== undefined && !fallbackScopes?.length;
    const noScopeMessage = `"${fallbackProject}" without scopes. Expected the scopes to read there as well. Fix: set cache.fallbackScopes, for example ["main"]`;
    const { backend, carryMounts } = cache;
    const needsManifest =
        "the mounts are attached to the stack's cache manifest, which CacheBackend.Images does not write. Set only one of the two";
    const wrong = sources.flatMap((source, index) => {
        const reason = referenceFault(source);
        const message = `${reason}; expected one such as "registry.example.com/shop/fm/cache:main"`;
        return reason === undefined ? [] : [{ path: `cache.sources[${index}]`, message }];
    });
    return [
        ...(noScope ? [{ path: "cache.fallbackProject", message: noScopeMessage }] : []),
        ...scopeFaults(cache),
        ...wrong,
        ...repeated("cache.sources", sources),
        ...bytesFault("cache.mountBytesMax", mountBytesMax),
        ...publicKeyFaults(cache, sign),
        ...(carryMounts && backend === CacheBackend.Images
            ? [{ path: "cache.carryMounts", message: needsManifest }]
            : []),
    ];
}

export function cacheMountFaults(cacheMounts: Readonly<Record<string, string[]>> = {}): Fault[] {
    return Object.entries(cacheMounts).flatMap(([stage, targets]) => {
        const path = `cacheMounts.${stage}`;
        const wrong = targets.flatMap((target, index) => {
            const message =
                `"${target}" is not an absolute path of letters, digits and . _ - + ~ @ : /. ` +
                'Expected one such as "/root/.cache/go-build"';
            return isMountTarget(target) ? [] : [{ path: `${path}[${index}]`, message }];
        });
        return [...wrong, ...repeated(path, targets)];
    });
}

function publicKeyFaults(
    { publicKeys = [], write }: CachedImageCacheArgs,
    sign: CachedImageArgs["sign"],
): Fault[] {
    const path = "cache.publicKeys";
    const wrong = publicKeys.flatMap((key, index) =>
        isPublicKey(key)
            ? []
            : [
                  {
                      path: `${path}[${index}]`,
                      message:
                          "is not a public key. Expected a PEM text that begins with -----BEGIN PUBLIC KEY-----, " +
                          "such as the content of cosign.pub. Fix: pass the content of the file",
                  },
              ],
    );
    const message =
        "this stack writes its own cache, and no later build would use it without a signature. " +
        "Expected a private key, or a stack that only reads. Fix: set sign, or cache.write to false";
    const isUnsigned = publicKeys.length > 0 && sign === undefined && write !== false;
    return isUnsigned ? [...wrong, { path, message }] : wrong;
}

// A fallback may equal the scope: programs that all branches share set both.
function scopeFaults({ scope, fallbackScopes = [] }: CachedImageCacheArgs): Fault[] {
    const named = [
        ...(scope === undefined ? [] : [["cache.scope", scope] as const]),
        ...fallbackScopes.map((value, index) => [`cache.fallbackScopes[${index}]`, value] as const),
    ];
    const empty = named
        .filter(([, value]) => value === "")
        .map(([path]) => ({ path, message: 'empty; expected a name such as "main"' }));
    return [...empty, ...repeated("cache.fallbackScopes", fallbackScopes)];
}

export function namedContextFaults(namedContexts: Readonly<Record<string, string>> = {}): Fault[] {
    return Object.entries(imagesOf(namedContexts)).flatMap(([name, image]) => {
        const message = referenceFault(image);
        return message === undefined ? [] : [{ path: `namedContexts.${name}`, message }];
    });
}

export function limitFaults(contextLimits: CachedImageContextLimitsArgs = {}): Fault[] {
    return Object.entries(contextLimits).flatMap(([name, value]) =>
        limitFault(`contextLimits.${name}`, value),
    );
}

function limitFault(path: string, value: unknown): Fault[] {
    const message = `${value} is not a limit; expected 0 or more, or Infinity for no limit`;
    return typeof value !== "number" || value >= 0 ? [] : [{ path, message }];
}

/** A number that a shell script of the build contains. */
function bytesFault(path: string, bytes: number | undefined): Fault[] {
    const message = `${bytes} is not a number of bytes. Expected a whole number, such as 2 ** 31 for 2 GiB`;
    const isValid = bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0);
    return isValid ? [] : [{ path, message }];
}

export function sshFaults(ssh: readonly CachedImageSshArgs[] = []): Fault[] {
    return repeated(
        "ssh",
        ssh.map(({ id = "default" }) => id),
    );
}

function referenceFault(reference: string): string | undefined {
    try {
        checkReference(reference);
        return undefined;
    } catch (error) {
        if (error instanceof InstructionError) {
            return error.message;
        }
        throw error;
    }
}

export function labelFaults(
    buildLabels: CachedImageArgs["buildLabels"] = {},
    { args: { labels = {} } }: ImageGiven,
): Fault[] {
    // The names in an output are known only when the program runs.
    if (pulumi.Output.isInstance(labels) || pulumi.Output.isInstance(buildLabels)) {
        return [];
    }
    const message = "labels also sets this label; set it in only one of the two";
    return Object.keys(buildLabels)
        .filter((label) => Object.hasOwn(labels, label))
        .map((label) => ({ path: `buildLabels["${label}"]`, message }));
}

/** Refuses what buildx 0.35 refuses, build/utils.go: the project would exist by then. */
export function hostFaults(hosts: CachedImageArgs["extraHosts"] = []): Fault[] {
    return (Array.isArray(hosts) ? hosts : []).flatMap((host: unknown, index) => {
        const message = `"${host}" is not a host with an address. Expected NAME:ADDRESS, such as "db:10.0.0.7" or "db:host-gateway"`;
        const isUsable = typeof host !== "string" || isHostWithAddress(host);
        return isUsable ? [] : [{ path: `extraHosts[${index}]`, message }];
    });
}

function isHostWithAddress(host: string): boolean {
    const at = host.includes("=") ? host.indexOf("=") : host.indexOf(":");
    const address = host.slice(at + 1);
    const addresses = address.split(",").map((one) => one.replace(/^\[([^\]]+)\]$/, "$1"));
    const isKnown = addresses.every((one) => isIP(one) !== 0 && !one.includes("%"));
    return at > 0 && (address === "host-gateway" || isKnown);
}

export function mirrorFaults(mirrors: Readonly<Record<string, string>> = {}): Fault[] {
    return Object.entries(mirrors).flatMap(([host, mirror]) => {
        const path = `baseImageMirrors["${host}"]`;
        const noHost = hostFault(host);
        return noHost === undefined
            ? unusable(path, mirror, mirrorFault(mirror))
            : unusable(path, host, noHost);
    });
}
