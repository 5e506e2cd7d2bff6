import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../text/reason";
import { type BuilderNode, builderNodes } from "./builders";
import { ControlApi } from "./controlApi";
import { dial } from "./dial";
import { type BuildRecord, listBuilds, readVertices, type Vertex } from "./history";

/** What BuildKit recorded of a build, or why there is no record. */
export type Recorded = { readonly vertices: readonly Vertex[] } | { readonly reason: string };

/** Time limit for one request, in milliseconds. */
const timeoutMs = 2000;
/** Time between two looks for a build, and time after which it counts as not recorded, in milliseconds. */
const lookEveryMs = 50;
const lookMaxMs = 1000;

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

    constructor(env: NodeJS.ProcessEnv) {
        this.env = env;
    }

    /**
     * Connects, and notes the earlier builds of an image with one of these references. Call it before
     * a build of that image. Other images may complete at the same time and are still to be found.
     * Never throws.
     */
    async remember(references: readonly string[]): Promise<void> {
        const { builds } = await this.list();
        for (const { record } of builds) {
            if (record.isComplete && exportsOneOf(record, references)) this.known.add(record.ref);
        }
    }

    /**
     * Finds the newest build that exports an image to one of these references. BuildKit lists a build
     * as complete a moment after it has returned the image, so this looks again for a second. Never
     * throws.
     */
    async find(references: readonly string[]): Promise<Recorded> {
        const endMs = performance.now() + lookMaxMs;
        for (;;) {
            const { builds, reasons } = await this.list();
            const found = this.newest(builds, references);
            if (found !== undefined) {
                return this.read(found);
            }
            const hasAnswer = builds.length > 0 || reasons.length === 0;
            if (!hasAnswer || performance.now() > endMs) {
                return { reason: reasons[0] ?? "no builder has a record of this build" };
            }
            await sleep(lookEveryMs);
        }
    }

    private newest(
        builds: readonly ListedBuild[],
        references: readonly string[],
    ): ListedBuild | undefined {
        const [found] = builds
            .filter(({ record }) => !this.known.has(record.ref) && exportsOneOf(record, references))
            .sort((left, right) => right.record.startedMs - left.record.startedMs);
        return found;
    }

    private async read({ api, record }: ListedBuild): Promise<Recorded> {
        this.known.add(record.ref);
        try {
            return { vertices: await readVertices(api, record, timeoutMs) };
        } catch (error) {
            return { reason: reasonOf(error) };
        }
    }

    private async list() {
        const nodes = builderNodes(this.env);
        const reasons = nodes.length > 0 ? [] : ["no buildx builder is set up on this machine"];
        const builds: ListedBuild[] = [];
        await Promise.all(
            nodes.map(async (node) => {
                try {
                    const api = this.connect(node);
                    const records = await listBuilds(api, timeoutMs);
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

function exportsOneOf({ names }: BuildRecord, references: readonly string[]): boolean {
    return names.some((name) => references.includes(name));
}
