import { cpus, version as osVersion, totalmem, type } from "node:os";
import pins from "../toolchain/pins.json";
import { type Contender, cases } from "./contender";
import type { ContextFigures } from "./context";
import type { PluginFigures } from "./plugin";
import type { Times } from "./rounds";
import { median, pairedRatio } from "./statistics";

/** The content of `bench-results.json`. */
export interface Results {
    readonly startedAt: string;
    readonly machine: {
        readonly cores: number;
        readonly memoryGb: number;
        readonly system: string;
    };
    readonly versions: Readonly<Record<string, string>>;
    readonly rounds: number;
    readonly cases: readonly CaseResult[];
    readonly plugin: PluginFigures;
    readonly context: ContextFigures;
}

/** One case, by contender. */
export interface CaseResult {
    readonly name: string;
    readonly title: string;
    readonly contenders: Readonly<Record<string, ContenderResult>>;
}

/** One contender in one case. */
export interface ContenderResult {
    /** One entry per round. */
    readonly seconds: readonly number[];
    readonly medianSeconds: number;
    /** Our time divided by this contender's time, as the median of the rounds; 1 for harbor-build. */
    readonly oursToThis: number;
}

/** Computes the results from the times. The first contender is harbor-build. */
export function resultsOf(
    startedAt: Date,
    contenders: readonly Contender[],
    times: Times,
    figures: Pick<Results, "plugin" | "context">,
): Results {
    const [ours] = contenders;
    const secondsOf = (item: string, { name }: Contender) => times[item]?.[name] ?? [];
    const caseResults = cases.map(({ name, title }) => {
        const own = ours === undefined ? [] : secondsOf(name, ours);
        const entries = contenders.map((contender): [string, ContenderResult] => {
            const seconds = secondsOf(name, contender);
            const oursToThis = round(pairedRatio(own, seconds));
            const medianSeconds = round(median(seconds));
            return [contender.name, { seconds: seconds.map(round), medianSeconds, oursToThis }];
        });
        return { name, title, contenders: Object.fromEntries(entries) };
    });
    return {
        startedAt: startedAt.toISOString(),
        machine: {
            cores: cpus().length,
            memoryGb: Math.round(totalmem() / 1e9),
            system: `${type()} ${osVersion()}`,
        },
        versions: {
            node: process.versions.node,
            ...Object.fromEntries(
                Object.entries(pins.programs).map(([name, { version }]) => [name, version]),
            ),
        },
        rounds: ours === undefined ? 0 : secondsOf("cold", ours).length,
        cases: caseResults,
        ...figures,
    };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** The results as a table: medians, and for each other contender our ratio in parentheses. */
export function tableOf(results: Results, contenders: readonly Contender[]): string {
    const rows = [
        ["", ...contenders.map(({ title }) => title)],
        ...results.cases.map((item) => [
            item.title,
            ...contenders.map(({ name }, column) => cellOf(item.contenders[name], column > 0)),
        ]),
    ];
    const widths = (rows[0] ?? []).map((_, column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    const lines = rows.map((row) =>
        row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join("  ")
            .trimEnd(),
    );
    const { cores, memoryGb } = results.machine;
    return [
        `median of ${results.rounds} rounds on ${cores} cores, ${memoryGb} GB; in parentheses our time ` +
            "divided by theirs, as the median of the rounds; below 1 harbor-build is faster",
        "",
        ...lines,
        "",
        ...pluginLines(results.plugin),
        contextLine(results.context),
    ].join("\n");
}

function cellOf(result: ContenderResult | undefined, isPeer: boolean): string {
    if (result === undefined) {
        return "";
    }
    const seconds = `${result.medianSeconds.toFixed(1)} s`;
    return isPeer ? `${seconds} (${result.oursToThis.toFixed(2)})` : seconds;
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
