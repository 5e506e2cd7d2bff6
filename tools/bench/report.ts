import { cpus, version as osVersion, totalmem, type } from "node:os";
import { stepsOf } from "../sandbox/buildRecord";
import pins from "../toolchain/pins.json";
import type { Measurement } from "./arena";
import { cases } from "./cases";
import type { ContextFigures } from "./context";
import type { PluginFigures } from "./plugin";
import type { Series } from "./rounds";
import { median, pairedRatios, type Spread, spreadOf } from "./statistics";
import { makefileName } from "./subject";
import { tableOf } from "./table";

/** The content of `bench-results.json`. */
export interface Results {
    readonly startedAt: string;
    readonly machine: {
        readonly cores: number;
        readonly memoryGb: number;
        readonly system: string;
        /** Whether BuildKit and the registry keep their files in memory or on a disk. */
        readonly storage: "tmpfs" | "disk";
    };
    readonly versions: Readonly<Record<string, string>>;
    readonly results: readonly Result[];
    /** Absent when only parts were measured. */
    readonly plugin?: PluginFigures;
    /** Absent when only parts were measured. */
    readonly context?: ContextFigures;
}

/** One subject in one case. Figures without a suffix are medians of the rounds. */
export interface Result {
    readonly case: string;
    readonly subject: string;
    readonly project: string;
    /** Number of images in the stack. */
    readonly images: number;
    readonly rounds: number;
    readonly medianMs: number;
    readonly minMs: number;
    readonly maxMs: number;
    /** One entry per round. */
    readonly timesMs: readonly number[];
    /** This time divided by the Makefile's time in the same round; absent without a Makefile. */
    readonly toMakefile?: Spread;
    /** Another subject of the match with which the ratios compare; absent for the Makefile. */
    readonly reference?: string;
    /** This time divided by that of `reference` in the same round. */
    readonly toReference?: Spread;
    /** Processor time of the commands, without BuildKit. */
    readonly cpuMs: number;
    /** Steps that BuildKit took from a cache. */
    readonly cachedVertices: number;
    /** Steps that BuildKit ran. */
    readonly runVertices: number;
    readonly unpackedLayers: number;
    /** Time that BuildKit spent on unpacking layers, of which the base image is the largest part. */
    readonly unpackMs: number;
    /** Bytes from Harbor to the commands and to BuildKit; absent with a Harbor that is not the sandbox's. */
    readonly bytesPulled?: number;
    /** Bytes to Harbor; absent with a Harbor that is not the sandbox's. */
    readonly bytesPushed?: number;
    /** Largest resident memory of all processes of a command together, without BuildKit. */
    readonly peakRssMb: number;
}

/** Computes the results from the measurements. */
export function resultsOf(
    startedAt: Date,
    storage: Results["machine"]["storage"],
    series: readonly Series[],
    figures: Pick<Results, "plugin" | "context">,
): Results {
    return {
        startedAt: startedAt.toISOString(),
        machine: {
            cores: cpus().length,
            memoryGb: Math.round(totalmem() / 1e9),
            system: `${type()} ${osVersion()}`,
            storage,
        },
        versions: {
            node: process.versions.node,
            ...Object.fromEntries(
                Object.entries(pins.programs).map(([name, { version }]) => [name, version]),
            ),
        },
        results: series.map((one) => resultOf(one, series)),
        ...figures,
    };
}

function resultOf(one: Series, all: readonly Series[]): Result {
    const { measurements, reference, ...key } = one;
    const timesMs = measurements.map(({ wallMs }) => Math.round(wallMs));
    const compared = all.find(
        (other) =>
            other.subject === reference &&
            other.case === one.case &&
            other.project === one.project &&
            other.images === one.images,
    );
    const theirs = compared?.measurements.map(({ wallMs }) => wallMs);
    const ratios = theirs === undefined ? undefined : spreadOf(pairedRatios(timesMs, theirs));
    const middle = (figure: (measurement: Measurement) => number) =>
        Math.round(median(measurements.map(figure)));
    const steps = (state: string) =>
        middle(({ builds }) =>
            builds
                .flatMap((build) => Object.values(stepsOf(build)))
                .reduce((count, found) => count + (found === state ? 1 : 0), 0),
        );
    const isCounted = measurements.every(({ traffic }) => traffic !== undefined);
    return {
        ...key,
        rounds: measurements.length,
        medianMs: Math.round(median(timesMs)),
        minMs: Math.min(...timesMs),
        maxMs: Math.max(...timesMs),
        timesMs,
        ...(ratios === undefined ? {} : comparisonOf(reference, ratios)),
        cpuMs: middle(({ cpuMs }) => cpuMs),
        cachedVertices: steps("cached"),
        runVertices: steps("built"),
        unpackedLayers: middle(({ builds }) => sum(builds, ({ unpacked }) => unpacked.length)),
        unpackMs: middle(({ builds }) => sum(builds, ({ unpackMs }) => unpackMs)),
        ...(isCounted
            ? {
                  bytesPulled: middle(({ traffic }) => traffic?.pulled ?? 0),
                  bytesPushed: middle(({ traffic }) => traffic?.pushed ?? 0),
              }
            : {}),
        peakRssMb: middle(({ peakRssMb }) => peakRssMb),
    };
}

function comparisonOf(reference: string, ratios: Spread): Partial<Result> {
    return reference === makefileName ? { toMakefile: ratios } : { reference, toReference: ratios };
}

function sum<T>(items: readonly T[], figure: (item: T) => number): number {
    return items.reduce((total, item) => total + figure(item), 0);
}

/** One heading and its table. */
export interface Section {
    readonly title: string;
    readonly header: readonly string[];
    readonly rows: readonly (readonly string[])[];
}

/** The tables of the results: one for each project and number of images. */
export function sectionsOf({ results }: Results): readonly Section[] {
    const titles = new Map(
        results.map(({ project, images }) => [
            `${project}, ${images === 1 ? "1 image" : `${images} images`}`,
            results.filter((one) => one.project === project && one.images === images),
        ]),
    );
    return [...titles].map(([title, found]) => {
        const subjects = [...new Set(found.map(({ subject }) => subject))].sort(byReading);
        const rows = cases
            .filter(({ name }) => found.some((one) => one.case === name))
            .map(({ name, title }) => [
                title,
                ...subjects.map((subject) =>
                    cellOf(found.find((one) => one.case === name && one.subject === subject)),
                ),
            ]);
        const rounds = Math.max(...found.map(({ rounds }) => rounds));
        const counted = rounds === 1 ? "1 round" : `${rounds} rounds`;
        const [reference] = found.flatMap(({ reference }) => reference ?? []);
        const compared = reference === undefined ? "" : `, ratios to ${reference}`;
        return { title: `${title}, ${counted}${compared}`, header: ["", ...subjects], rows };
    });
}

/** The Makefile first, then ours, then the peers in the order of their names, and the floor last. */
const byReading = (left: string, right: string): number =>
    placeOf(left) - placeOf(right) || (left < right ? -1 : 1);

function placeOf(subject: string): number {
    if (subject === makefileName) return 0;
    if (subject === "floor") return 3;
    return subject.startsWith("harbor-build") ? 1 : 2;
}

function cellOf(result: Result | undefined): string {
    if (result === undefined) {
        return "";
    }
    const { subject, medianMs, reference = makefileName } = result;
    const ratio = result.toMakefile ?? result.toReference;
    const seconds = `${(medianMs / 1000).toFixed(1)} s`;
    return ratio === undefined || subject === reference
        ? seconds
        : `${seconds} (${ratio.median.toFixed(2)})`;
}

/** The results as text for a terminal. */
export function reportOf(results: Results): string {
    const { cores, memoryGb, storage } = results.machine;
    return [
        `medians on ${cores} cores, ${memoryGb} GB, BuildKit and registry on ${storage}; in parentheses ` +
            "the time divided by the Makefile's in the same round, or by that of the subject in the " +
            "title, as the median of the rounds",
        ...sectionsOf(results).flatMap(({ title, header, rows }) => [
            "",
            title,
            ...tableOf([header, ...rows]),
        ]),
        "",
        ...(results.plugin === undefined ? [] : pluginLines(results.plugin)),
        ...(results.context === undefined ? [] : [contextLine(results.context)]),
    ].join("\n");
}

function contextLine(context: ContextFigures): string {
    const { files, firstMs, furtherMs, dockerBuildMs, oursToDockerBuild } = context;
    return (
        `a context of ${files} files: ${Math.round(median(firstMs))} ms for the first component of ` +
        `a run, ${furtherMs} ms for each further one; docker-build's own diff of an image takes ` +
        `${Math.round(median(dockerBuildMs))} ms (${oursToDockerBuild.toFixed(2)})`
    );
}

function pluginLines(plugin: PluginFigures): string[] {
    const requests = Object.entries(plugin.requests).map(([name, count]) => `${name} ${count}`);
    return [
        `provider plugin: prints its port after ${plugin.startMs} ms; ` +
            `${plugin.memoryMb} MB, ${plugin.busyMemoryMb} MB after ${plugin.resources} resources`,
        `requests to Harbor: ${requests.join(", ")}`,
    ];
}
