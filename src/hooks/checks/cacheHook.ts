import * as pulumi from "@pulumi/pulumi";
import type { CacheGathering } from "../../cache/references";
import type { ExplainLogin } from "../../explain/accountState";
import { type CacheReport, cacheReport } from "../../explain/cacheText";
import { type CacheSourceState, CacheSourceStatus } from "../../registry/cacheSource";
import { inspectCacheSources } from "../../registry/inspect";
import { locate } from "../../registry/location";
import { reasonOf } from "../../text/reason";
import { type ImageInputs, readImageInputs } from "../imageInputs";
import { log } from "../log";
import { loginsOf } from "../logins";
import { Gatherer } from "./gatherer";
import { type JudgePlugin, judgePluginBy, type PluginTrustOptions } from "./pluginTrust";

/** Options of a {@link cacheHook}. */
export interface CacheHookOptions extends PluginTrustOptions {
    /** Cache references that this stack writes: they must exist after its first run. */
    readonly ownReferences: readonly string[];
    /** The caches to copy into the stack's caches before a build. @default none */
    readonly gatherings?: readonly CacheGathering[] | undefined;
    /** Explains why a login is rejected. @default no explanation */
    readonly explainLogin?: ExplainLogin | undefined;
    /**
     * Describes the fault of a missing project that the image is pushed to; undefined when the project
     * may still appear. @default undefined
     */
    readonly judgeMissingProject?: ((project: string) => Promise<string | undefined>) | undefined;
    /** References of saved mounts that the component restores. @default none */
    readonly saves?: readonly string[] | undefined;
    /** Whether the images read only caches that are verified already, so that nothing is to report. @default false */
    readonly hasVerifiedSources?: boolean | undefined;
    /** Receives the line about an image's cache sources. @default none */
    readonly onCacheReport?: ((image: string, message: string) => void) | undefined;
}

/** Findings before a build. */
interface Findings {
    readonly report: CacheReport | undefined;
    /** Why the push of the image would fail. */
    readonly obstacle: string | undefined;
}

/**
 * Creates the function of a hook that reports the state of an image's cache sources before a build,
 * since BuildKit silently skips a source that it cannot read. The hook takes at most `timeoutMs`. It
 * stops only builds whose push would fail at the end: if the project does not exist, or if
 * docker-build's plugin does not trust the registry.
 */
export function cacheHook(options: CacheHookOptions): pulumi.ResourceHookFunction {
    const gatherer = new Gatherer(options);
    const judgePlugin = judgePluginBy(options);
    return async (args) => {
        const obstacle = await reportCacheState(args, { ...options, gatherer, judgePlugin }).catch(
            (error: unknown) => {
                const reason = reasonOf(error);
                pulumi.log.debug(`the state of the cache is unknown: ${reason}`);
                return undefined;
            },
        );
        if (obstacle !== undefined) {
            throw new Error(obstacle);
        }
    };
}

/** Logs the state of the cache sources; returns why the image cannot be pushed. */
async function reportCacheState(
    { urn, name, newInputs, oldInputs }: pulumi.ResourceHookArgs,
    options: CacheHookOptions & { readonly gatherer: Gatherer; readonly judgePlugin: JudgePlugin },
): Promise<string | undefined> {
    const { report, obstacle } = await inspectImage(newInputs, oldInputs, options);
    if (report !== undefined && obstacle === undefined) {
        options.onCacheReport?.(name, report.message);
        await log(report.severity, report.message, urn);
    }
    return obstacle;
}

/** Inspects the cache sources and the target projects of an image to build. @internal */
export async function inspectImage(
    newInputs: Record<string, unknown> | undefined,
    oldInputs: Record<string, unknown> | undefined,
    options: CacheHookOptions & {
        readonly gatherer?: Gatherer;
        readonly judgePlugin?: JudgePlugin;
        /** @default reads the inputs of an Image */
        readonly readInputs?: typeof readImageInputs;
    },
): Promise<Findings> {
    const { readInputs = readImageInputs, trust } = options;
    const inputs = await readInputs(newInputs);
    const old = oldInputs === undefined ? undefined : await readInputs(oldInputs);
    const isUnknown = (reference: string) => inputs.login(locate(reference).registry) === "unknown";
    const gathering = options.gatherings?.find(({ into }) => inputs.cacheFrom.includes(into));
    const sources =
        inputs.noCache || options.hasVerifiedSources
            ? []
            : [...new Set([...inputs.cacheFrom, ...(gathering?.from ?? [])])];
    const places = otherPlaces(inputs, sources);
    // Saved mounts are among the sources only when they are not used.
    const saves = trust === undefined ? [] : (options.saves ?? []);
    const states = await inspectCacheSources(
        [...sources, ...places, ...saves].filter((reference) => !isUnknown(reference)),
        loginsOf(inputs, options),
        options,
    );
    const obstacle =
        (await options.judgePlugin?.(written(inputs))) ??
        (await findCacheObstacle(states, inputs, options));
    if (obstacle !== undefined) {
        return { report: undefined, obstacle };
    }
    const explained = await explainLogins(states, inputs, options);
    const report = cacheReport({
        states: explained.filter(
            ({ reference, status }) =>
                sources.includes(reference) ||
                (saves.includes(reference) && status === CacheSourceStatus.Untrusted),
        ),
        expected: expectedReferences(inputs, old, options.ownReferences, gathering),
        own: new Set(options.ownReferences),
        notAsked: sources.filter(isUnknown),
        additions: inputs.noCache
            ? undefined
            : await options.gatherer?.gather(gathering, states, loginsOf(inputs, options), trust),
    });
    return { report, obstacle };
}

const written = ({ tags, cacheTo }: ImageInputs): readonly string[] => [...tags, ...cacheTo];

const placeOf = (reference: string): string => {
    const { registry, repository } = locate(reference);
    return `${registry}/${repository.split("/", 1)[0]}`;
};

/**
 * For each project that holds no cache source, one reference that is written there, so that this
 * project is inspected too.
 */
function otherPlaces(inputs: ImageInputs, sources: readonly string[]): readonly string[] {
    const known = new Set(sources.map(placeOf));
    return written(inputs).filter((reference) => {
        const isNew = !known.has(placeOf(reference));
        known.add(placeOf(reference));
        return isNew;
    });
}

async function findCacheObstacle(
    states: readonly CacheSourceState[],
    inputs: ImageInputs,
    { judgeMissingProject }: CacheHookOptions,
): Promise<string | undefined> {
    const places = new Set(written(inputs).map(placeOf));
    for (const { reference, missingProject } of states) {
        if (missingProject !== undefined && places.has(placeOf(reference))) {
            const obstacle = await judgeMissingProject?.(missingProject);
            if (obstacle !== undefined) {
                return obstacle;
            }
        }
    }
    return undefined;
}

/** Adds the reasons for rejected logins, which only Harbor's API knows. Asks once for each account. */
async function explainLogins(
    states: readonly CacheSourceState[],
    inputs: ImageInputs,
    options: CacheHookOptions,
): Promise<readonly CacheSourceState[]> {
    const refused = states.filter(({ status }) => status === CacheSourceStatus.LoginRefused);
    const hosts = [...new Set(refused.map(({ reference }) => locate(reference).registry))];
    const logins = loginsOf(inputs, options);
    const answers = new Map(
        await Promise.all(
            hosts.map(async (host) => {
                const username = (await logins(host))?.username ?? "";
                return [host, await options.explainLogin?.(host, username)] as const;
            }),
        ),
    );
    return states.map((state) =>
        state.status === CacheSourceStatus.LoginRefused
            ? { ...state, ...answers.get(locate(state.reference).registry) }
            : state,
    );
}

// References that were certainly pushed: those that the last deployment of this image wrote, and the
// stack's own references that it read.
function expectedReferences(
    { cacheFrom }: ImageInputs,
    old: ImageInputs | undefined,
    ownReferences: readonly string[],
    gathering: CacheGathering | undefined,
): ReadonlySet<string> {
    const pushed = new Set(old === undefined ? [] : written(old));
    const gathered = gathering !== undefined && old?.cacheFrom.includes(gathering.into);
    const from = gathered ? gathering.from : [];
    const read = new Set([...(old?.cacheFrom ?? []), ...from]);
    return new Set(
        [...cacheFrom, ...from].filter(
            (reference) =>
                pushed.has(reference) || (read.has(reference) && ownReferences.includes(reference)),
        ),
    );
}
