import * as pulumi from "@pulumi/pulumi";
import type { CacheGathering } from "../cache/plan";
import { type CacheSourceState, CacheSourceStatus } from "../registry/cacheSource";
import { inspectCacheSources } from "../registry/inspect";
import { locate } from "../registry/location";
import type { ExplainLogin } from "./accountState";
import { type CacheReport, cacheReport } from "./cacheText";
import { Gatherer } from "./gatherer";
import { type ImageInputs, readImageInputs } from "./imageInputs";
import { log } from "./log";
import { loginsOf } from "./logins";
import { type JudgePlugin, judgePluginBy, type PluginTrustOptions } from "./pluginTrust";

/** What a cache hook must be told. */
export interface CacheHookOptions extends PluginTrustOptions {
    /** References that this stack writes as cache: after its first run they must be there. */
    readonly ownReferences: readonly string[];
    /** What own caches take over from others before anything is built. @default nothing */
    readonly gatherings?: readonly CacheGathering[] | undefined;
    /** Tells why a login is refused. @default that is not told */
    readonly explainLogin?: ExplainLogin | undefined;
    /**
     * Says what is wrong with a project that the image is to be pushed to and that does not exist;
     * undefined when it may come yet. @default it may
     */
    readonly judgeMissingProject?: ((project: string) => Promise<string | undefined>) | undefined;
}

/** What is found before an image is built. */
interface Findings {
    readonly report: CacheReport | undefined;
    /** Why the image cannot be pushed, whatever it is built from. */
    readonly obstacle: string | undefined;
}

/**
 * Makes the function of a hook that says, before an image is built, how its cache sources stand:
 * BuildKit is silent about a source that it cannot read. It takes no longer than `timeoutMs`, and
 * stops only a build whose push would fail once everything is built: where the project does not
 * exist, and where docker-build's plugin does not trust the registry.
 */
export function cacheHook(options: CacheHookOptions): pulumi.ResourceHookFunction {
    const gatherer = new Gatherer(options);
    const judgePlugin = judgePluginBy(options);
    return async (args) => {
        const obstacle = await tell(args, { ...options, gatherer, judgePlugin }).catch(
            (error: unknown) => {
                const reason = error instanceof Error ? error.message : String(error);
                pulumi.log.debug(`the state of the cache is unknown: ${reason}`);
                return undefined;
            },
        );
        if (obstacle !== undefined) {
            throw new Error(obstacle);
        }
    };
}

/** Says how the cache sources stand; gives back why the image cannot be pushed. */
async function tell(
    { urn, newInputs, oldInputs }: pulumi.ResourceHookArgs,
    options: CacheHookOptions & { readonly gatherer: Gatherer; readonly judgePlugin: JudgePlugin },
): Promise<string | undefined> {
    const { report, obstacle } = await inspectImage(newInputs, oldInputs, options);
    if (report !== undefined && obstacle === undefined) {
        await log(report.severity, report.message, urn);
    }
    return obstacle;
}

/** Asks for the sources, and the place, of an image that is about to be built. @internal */
export async function inspectImage(
    newInputs: Record<string, unknown> | undefined,
    oldInputs: Record<string, unknown> | undefined,
    options: CacheHookOptions & {
        readonly gatherer?: Gatherer;
        readonly judgePlugin?: JudgePlugin;
    },
): Promise<Findings> {
    const inputs = await readImageInputs(newInputs);
    const old = oldInputs === undefined ? undefined : await readImageInputs(oldInputs);
    const isUnknown = (reference: string) => inputs.login(locate(reference).registry) === "unknown";
    const gathering = options.gatherings?.find(({ into }) => inputs.cacheFrom.includes(into));
    const sources = inputs.noCache
        ? []
        : [...new Set([...inputs.cacheFrom, ...(gathering?.from ?? [])])];
    const places = otherPlaces(inputs, sources);
    const states = await inspectCacheSources(
        [...sources, ...places].filter((reference) => !isUnknown(reference)),
        loginsOf(inputs, options),
        options,
    );
    const obstacle =
        (await options.judgePlugin?.(written(inputs))) ??
        (await findObstacle(states, inputs, options));
    if (obstacle !== undefined) {
        return { report: undefined, obstacle };
    }
    const explained = await explainLogins(states, inputs, options);
    const report = cacheReport({
        states: explained.filter(({ reference }) => sources.includes(reference)),
        expected: expectedReferences(inputs, old, options.ownReferences, gathering),
        own: new Set(options.ownReferences),
        notAsked: sources.filter(isUnknown),
        taking: inputs.noCache
            ? undefined
            : await options.gatherer?.gather(gathering, states, loginsOf(inputs, options)),
    });
    return { report, obstacle };
}

const written = ({ tags, cacheTo }: ImageInputs): readonly string[] => [...tags, ...cacheTo];

const placeOf = (reference: string): string => {
    const { registry, repository } = locate(reference);
    return `${registry}/${repository.split("/", 1)[0]}`;
};

/** References that are written to projects of which no source is asked for: one for each. */
function otherPlaces(inputs: ImageInputs, sources: readonly string[]): readonly string[] {
    const known = new Set(sources.map(placeOf));
    return written(inputs).filter((reference) => {
        const isNew = !known.has(placeOf(reference));
        known.add(placeOf(reference));
        return isNew;
    });
}

async function findObstacle(
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

/** The states, with what the account's own registry does not tell of refused logins; each is asked for once. */
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
                const username = logins(host)?.username ?? "";
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

// Known to have been pushed: what the last deployment of this image wrote, and what it read already
// then of the stack's own.
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
