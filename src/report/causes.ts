import { asRecord } from "../text/lenientJson";

/** The inputs of an image by docker-build's names, with plain values. */
export type ImageProperties = Readonly<Record<string, unknown>>;

/** Words for the inputs that need no details. */
const words: Readonly<Record<string, string>> = {
    builder: "the builder",
    target: "the stage to build",
    platforms: "the platform",
    network: "the network",
    addHosts: "the extra hosts",
    labels: "the labels",
    tags: "the tags",
    cacheFrom: "the cache sources",
    cacheTo: "the cache to write",
    ssh: "the SSH keys",
    exports: "the export settings",
};

/**
 * Explains in words why an image is built: the inputs that differ from those of the last
 * deployment. docker-build also compares a hash of the Dockerfile and the context, which is not an
 * input.
 */
export function causesOf(
    before: ImageProperties | undefined,
    after: ImageProperties,
): readonly string[] {
    if (before === undefined) {
        return ["new image"];
    }
    const causes = [
        ...namedContexts(before).flatMap(([name, from]) => contextCause(name, from, after)),
        ...namedContexts(after)
            .filter(([name]) => !namedContexts(before).some(([known]) => known === name))
            .map(([name]) => `${name} is read for the first time`),
        ...changedKeys(before["buildArgs"], after["buildArgs"]).map(
            (name) => `build argument ${name} changed`,
        ),
        ...changedKeys(before["secrets"], after["secrets"], { namesOnly: true }).map(
            (name) => `secret ${name} was added or removed`,
        ),
        ...Object.entries(words)
            .filter(([key]) => isDifferent(before[key], after[key]))
            .map(([, word]) => `${word} changed`),
    ];
    return causes.length > 0 ? causes : ["the files or the Dockerfile that it reads changed"];
}

function namedContexts(inputs: ImageProperties): readonly (readonly [string, string])[] {
    const named = asRecord(asRecord(inputs["context"])["named"]);
    return Object.entries(named).map(([name, one]) => [name, String(asRecord(one)["location"])]);
}

function contextCause(name: string, from: string, after: ImageProperties): readonly string[] {
    const to = namedContexts(after).find(([known]) => known === name)?.[1];
    if (to === from) return [];
    if (to === undefined) return [`${name} is no longer read`];
    const [before, now] = [digest(from), digest(to)];
    return before === undefined || now === undefined
        ? [`named context ${name} changed`]
        : [`base image ${name} moved from ${before} to ${now}`];
}

/** The start of the digest of `docker-image://REFERENCE@DIGEST`. */
const digest = (location: string): string | undefined =>
    /^docker-image:\/\/.*@(sha256:[0-9a-f]{12})/.exec(location)?.[1];

function changedKeys(
    before: unknown,
    after: unknown,
    { namesOnly = false } = {},
): readonly string[] {
    const [old, now] = [asRecord(before), asRecord(after)];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) =>
        namesOnly ? key in old !== key in now : isDifferent(old[key], now[key]),
    );
}

/** docker-build's check fills in empty values, which are not a change. */
const isDifferent = (before: unknown, after: unknown): boolean =>
    canonical(before) !== canonical(after);

function canonical(value: unknown): string {
    return JSON.stringify(stripped(value)) ?? "";
}

function stripped(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.length === 0 ? undefined : value.map(stripped);
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value)
            .map(([key, one]) => [key, stripped(one)] as const)
            .filter(([, one]) => one !== undefined)
            .sort(([left], [right]) => (left < right ? -1 : 1));
        return entries.length === 0 ? undefined : Object.fromEntries(entries);
    }
    return value === "" || value === false || value === null ? undefined : value;
}
