import { setTimeout as sleep } from "node:timers/promises";
import { asRecord } from "../text/lenientJson";
import { reasonOf } from "../text/reason";
import { type BuilderNode, builderNodes } from "./builders";
import { ControlApi } from "./controlApi";
import { dial } from "./dial";
import {
    type BuildRecord,
    listBuilds,
    readCacheManifest,
    readVertices,
    StepOutcome,
    type Vertex,
} from "./history";

/** What BuildKit recorded of a build, or why there is no record. */
export type Recorded = BuildProgress | { readonly reason: string };

/** What BuildKit recorded of a build. */
export interface BuildProgress {
    readonly vertices: readonly Vertex[];
    /** When the build started, in milliseconds since 1970, by BuildKit's clock. */
    readonly startedMs: number;
    /** Whether a preview was the last to build the image before. */
    readonly isPreviewed: boolean;
}

/** The provenance of a build, or why there is none. */
export type Provenance = RecordedProvenance | { readonly reason: string };

/** The provenance that BuildKit recorded of a build. */
export interface RecordedProvenance extends Pick<BuildRecord, "steps"> {
    /** SLSA's provenance 1.0, as BuildKit made it: with the values of secret build arguments. */
    readonly predicate: object;
}

/** Number of builds of this run to list, newest first; and for a build that may be an old one. */
const recordsMax = 16;
const everyRecord = 0;
/** Time limit for one request, in milliseconds. */
const timeoutMs = 2000;
/** Time between two looks for a build, and time after which it counts as not recorded, in milliseconds. */
const lookEveryMs = 50;
const lookMaxMs = 1000;

/** What identifies the builds of an image. */
export interface BuiltImage {
    /** References that the image is exported to; for a build without an image, of the cache that it reads. */
    readonly tags: readonly string[];
    /** Name of the builder; undefined for the selected one. */
    readonly builder?: string | undefined;
    /** Digest of the image that the build made; undefined for a failed build, and in previews. */
    readonly digest?: string | undefined;
}

/** A build, and the connection to the BuildKit that lists it. */
interface ListedBuild {
    readonly api: ControlApi;
    readonly record: BuildRecord;
}

/** Finds the records of this run's builds in the history of the BuildKits that docker-build may use. */
export class BuilderHistory {
    private readonly env: NodeJS.ProcessEnv;
    private readonly connections = new Map<string, ControlApi>();
    /** Refs of builds that are not the next one to find. */
    private readonly known = new Set<string>();
    /** First references of images that a preview was the last to build. */
    private readonly previewed = new Set<string>();
    /** The steps that ran, with their starts. */
    private readonly ran = new Set<string>();

    constructor(env: NodeJS.ProcessEnv) {
        this.env = env;
    }

    /**
     * Connects, and notes the earlier builds of an image. Call it before a build of that image. Other
     * images may complete at the same time and are still to be found. Never throws.
     */
    async remember({ tags, builder }: BuiltImage): Promise<void> {
        const { builds } = await this.list(builder, recordsMax);
        const earlier = builds.filter(
            ({ record }) => record.isComplete && exportsOneOf(record, tags),
        );
        for (const { record } of earlier) {
            this.known.add(record.ref);
        }
        const [last] = earlier.sort(byNewest);
        if (last !== undefined && !last.record.isPushed && !last.record.hasFailed) {
            this.previewed.add(tags[0] ?? "");
        }
    }

    /**
     * Finds the build that made an image; without a digest, the newest one: another run may build the
     * same references on the same builder. BuildKit lists a build as complete a moment after it has
     * returned the image, so this looks again for a second. Never throws.
     */
    async find(image: BuiltImage): Promise<Recorded> {
        const found = await this.lookInRun(image);
        return "reason" in found
            ? found
            : this.read(found, this.previewed.has(image.tags[0] ?? ""));
    }

    /**
     * The digest of the cache manifest that a build wrote to a registry, as BuildKit recorded it: a tag
     * may have moved since. Undefined when the build wrote none. Takes no record of another digest, and
     * none of an unfinished or failed build, because the program signs the result. Never throws.
     */
    async findCacheManifest(
        image: BuiltImage,
    ): Promise<{ readonly digest: string | undefined } | { readonly reason: string }> {
        const found = await this.look(image, recordsMax, (record) => {
            const { digest = record.digest } = image;
            return record.digest === digest && record.isComplete && !record.hasFailed;
        });
        if ("reason" in found) return found;
        try {
            return { digest: await readCacheManifest(found.api, found.record, timeoutMs) };
        } catch (error) {
            return { reason: reasonOf(error) };
        }
    }

    /** Reads the provenance of the build that pushed an image, in this run or an earlier one. Never throws. */
    async provenance(image: BuiltImage): Promise<Provenance> {
        const found = await this.look(image, everyRecord, (record) => {
            const { digest, isPushed, isComplete } = record;
            return digest === image.digest && isPushed && isComplete;
        });
        if ("reason" in found) return found;
        const { api, record } = found;
        const [digest, ...others] = record.provenance;
        if (digest === undefined) {
            return { reason: "the builder recorded the build without a provenance of SLSA 1.0" };
        }
        if (others.length > 0) {
            return { reason: "the builder recorded a build for several platforms" };
        }
        try {
            const content = await api.read(digest, timeoutMs);
            const predicate = asRecord(JSON.parse(content.toString("utf8")));
            return { predicate, steps: record.steps };
        } catch (error) {
            return { reason: reasonOf(error) };
        }
    }

    /** Looks for a build among the newest ones. */
    private lookInRun(image: BuiltImage): Promise<ListedBuild | { readonly reason: string }> {
        const { digest } = image;
        return this.look(image, recordsMax, (record, isLast) =>
            digest === undefined
                ? true
                : record.digest === digest || (isLast && record.digest === ""),
        );
    }

    /** Looks for a build until it is listed, for a second at most. */
    private async look(
        { tags, builder }: BuiltImage,
        limit: number,
        isOwn: (record: BuildRecord, isLast: boolean) => boolean,
    ): Promise<ListedBuild | { readonly reason: string }> {
        const endMs = performance.now() + lookMaxMs;
        for (;;) {
            const { builds, reasons } = await this.list(builder, limit);
            const isLast = performance.now() > endMs;
            const found = this.newest(builds, tags, (record) => isOwn(record, isLast));
            if (found !== undefined) return found;
            const hasAnswer = builds.length > 0 || reasons.length === 0;
            if (!hasAnswer || isLast) {
                return { reason: reasons[0] ?? "no builder has a record of this build" };
            }
            await sleep(lookEveryMs);
        }
    }

    private newest(
        builds: readonly ListedBuild[],
        references: readonly string[],
        isOwn: (record: BuildRecord) => boolean,
    ): ListedBuild | undefined {
        const [found] = builds
            .filter(({ record }) => !this.known.has(record.ref) && exportsOneOf(record, references))
            .filter(({ record }) => isOwn(record))
            .sort(byNewest);
        return found;
    }

    private async read({ api, record }: ListedBuild, isPreviewed: boolean): Promise<Recorded> {
        this.known.add(record.ref);
        try {
            const vertices = await readVertices(api, record, timeoutMs);
            const counted = vertices.map((vertex) => this.countOnce(vertex));
            return { vertices: counted, startedMs: record.startedMs, isPreviewed };
        } catch (error) {
            return { reason: reasonOf(error) };
        }
    }

    /** Builds that begin before a step starts all list it as theirs. It ran in the first one that is read. */
    private countOnce(vertex: Vertex): Vertex {
        if (vertex.outcome !== StepOutcome.Ran) return vertex;
        const run = `${vertex.id} ${vertex.startedMs}`;
        if (this.ran.has(run)) return { ...vertex, outcome: StepOutcome.Cached };
        this.ran.add(run);
        return vertex;
    }

    private async list(builder: string | undefined, limit: number) {
        const nodes = builderNodes(this.env, builder);
        const missing =
            builder === undefined ? "no buildx builder" : `no buildx builder "${builder}"`;
        const reasons = nodes.length > 0 ? [] : [`${missing} is set up on this machine`];
        const builds: ListedBuild[] = [];
        await Promise.all(
            nodes.map(async (node) => {
                try {
                    const api = this.connect(node);
                    const records = await listBuilds(api, timeoutMs, limit);
                    builds.push(...records.map((record) => ({ api, record })));
                } catch (error) {
                    reasons.push(`builder ${node.builder}: ${reasonOf(error)}`);
                }
            }),
        );
        return { builds, reasons };
    }

    private connect(node: BuilderNode): ControlApi {
        const key = `${node.builder} ${node.endpoint}`;
        const open = this.connections.get(key);
        if (open?.isOpen) return open;
        const api = new ControlApi(dial(node, this.env));
        this.connections.set(key, api);
        return api;
    }
}

const byNewest = (left: ListedBuild, right: ListedBuild): number =>
    right.record.startedMs - left.record.startedMs;

function exportsOneOf({ names }: BuildRecord, references: readonly string[]): boolean {
    return names.some((name) => references.includes(name));
}
