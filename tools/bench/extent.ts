import { parseArgs } from "node:util";
import { Problem } from "../commands/problem";
import { cases } from "./cases";
import {
    ecosystems,
    goLarge,
    monorepo,
    platforms,
    quickstart,
    type Sample,
    samples,
} from "./samples";
import type { Match } from "./subject";

/** A match whose subjects have names only. */
type Plan = Omit<Match, "subjects"> & {
    /** @default all */
    readonly subjects?: readonly string[];
};

/** How much the benchmark measures. */
export interface Extent {
    readonly matches: readonly Plan[];
    /** Time until the end of the last round, in milliseconds. */
    readonly limitMs: number;
    readonly pluginStarts: number;
    readonly pluginResources: number;
    readonly context: { readonly files: number; readonly rounds: number };
}

const everyCase = cases.filter(({ changesFirst }) => !changesFirst).map(({ name }) => name);
const one = (sample: Sample, names: readonly string[], rounds: number): Plan => ({
    sample,
    images: 1,
    cases: names,
    rounds,
});

const usual: Extent = {
    matches: [
        {
            ...one(goLarge, ["fresh-source"], 1),
            subjects: ["makefile", "harbor-build", "harbor-build-mounts", "floor"],
        },
        one(quickstart, everyCase, 3),
    ],
    limitMs: 35 * 60_000,
    pluginStarts: 11,
    pluginResources: 300,
    context: { files: 50_000, rounds: 6 },
};

const severalImages = (images: number): Plan => ({
    sample: quickstart,
    images,
    cases: ["warm-unchanged", "fresh-unchanged"],
    subjects: ["makefile", "harbor-build", "docker-build", "floor"],
    rounds: 3,
});

/** Twelve services of one repository, of which one changed. */
const services: Plan = {
    sample: monorepo,
    images: 12,
    cases: ["fresh-one-source"],
    subjects: ["makefile", "bake-registry", "harbor-build", "harbor-build-mounts", "floor"],
    reference: "bake-registry",
    rounds: 3,
};

/** Two platforms, each with a builder of its own, and each of them alone. */
const twoPlatforms: Plan = {
    sample: platforms,
    images: 1,
    cases: ["fresh-source"],
    subjects: ["linux-arm64", "linux-amd64", "two-platforms", "floor"],
    reference: "linux-arm64",
    rounds: 3,
};

/** With cache mounts and without. */
const planOf = (ecosystem: Sample): Plan => ({
    ...one(ecosystem, ["cold", "fresh-source", "fresh-dependency"], 3),
    subjects: ["makefile", "makefile-mounts", "harbor-build", "harbor-build-mounts"],
});

const full: Extent = {
    matches: [
        one(quickstart, everyCase, 9),
        ...ecosystems.map(planOf),
        services,
        twoPlatforms,
        severalImages(20),
        severalImages(60),
    ],
    limitMs: Number.POSITIVE_INFINITY,
    pluginStarts: 31,
    pluginResources: 900,
    context: { files: 50_000, rounds: 20 },
};

/** What the arguments of `npm run bench` ask for. */
export interface Request {
    readonly extent: Extent;
    /** Whether to write the tables of `bench-results.json` into docs/bench.md, and to measure nothing. */
    readonly writesPage: boolean;
    /** Whether the arguments select single matches, cases or subjects. */
    readonly isPart: boolean;
}

/** Reads the arguments. @throws Problem that names the argument and what it may be. */
export function requestOf(args: readonly string[]): Request {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
        args: [...args],
        options: {
            full: { type: "boolean" },
            page: { type: "boolean" },
            rounds: text,
            project: text,
            images: text,
            case: text,
            subject: text,
        },
    });
    const { images, subject } = values;
    const projects = values.project?.split(",");
    const named = values.case?.split(",");
    requireKnown("project", projects, samples);
    requireKnown("case", named, cases);
    const isPart = [projects, images, named, subject].some((value) => value !== undefined);
    const extent = values.full || isPart ? full : usual;
    const rounds = values.rounds === undefined ? undefined : count("--rounds", values.rounds);
    // A look at single cases should not take an hour with 20 and 60 images.
    const usualCount = named === undefined || projects?.includes(monorepo.name) ? undefined : 1;
    const imageCount = images === undefined ? usualCount : count("--images", images);
    const matches = extent.matches
        .filter(({ sample }) => projects?.includes(sample.name) ?? true)
        .filter((match) => imageCount === undefined || match.images === imageCount)
        .map((match) => ({
            ...match,
            rounds: rounds ?? match.rounds,
            cases: match.cases.filter((one) => named?.includes(one) ?? true),
            ...(subject === undefined ? {} : { subjects: subject.split(",") }),
        }))
        .filter((match) => match.cases.length > 0);
    return { extent: { ...extent, matches }, writesPage: values.page ?? false, isPart };
}

function requireKnown(
    what: "project" | "case",
    given: readonly string[] | undefined,
    known: readonly { readonly name: string }[],
): void {
    const names = known.map(({ name }) => name);
    const unknown = given?.find((one) => !names.includes(one));
    if (unknown === undefined) return;
    throw new Problem(
        `--${what}: no such ${what} ("${unknown}"). Expected one or more of ${names.join(", ")}`,
    );
}

function count(option: string, value: string): number {
    const parsed = Number(value);
    if (!Number.isInteger(parsed) || parsed < 1) {
        throw new Problem(`${option}: not a number ("${value}"). Expected 1 or more`);
    }
    return parsed;
}
