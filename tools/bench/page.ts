import { readFile, writeFile } from "node:fs/promises";
import { Problem } from "../commands/problem";
import { type Results, sectionsOf } from "./report";
import { subjectTitles } from "./subject";
import { markdownOf } from "./table";

const start = "<!-- bench:start -->";
const end = "<!-- bench:end -->";

/** What docs/bench.md shows of the results; `npm run bench` prints all. */
const shown = {
    subjects: [
        "makefile",
        "makefile-mounts",
        "harbor-build",
        "harbor-build-mounts",
        "docker-build",
        "bake-registry",
        "linux-arm64",
        "linux-amd64",
        "two-platforms",
    ],
    cases: ["cold", "warm-source", "fresh-source", "fresh-one-source", "fresh-dependency"],
};

/** Writes the tables of the results into docs/bench.md. */
export async function writePage(file: string, results: Results): Promise<void> {
    const text = await readFile(file, "utf8");
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) {
        throw new Problem(
            `${file}: no place for the table. Expected ${start}, and ${end} below it`,
        );
    }
    const before = text.slice(0, from + start.length);
    await writeFile(file, `${before}\n${pageOf(results)}\n${text.slice(to)}`);
}

/** The tables of the results, and what they were measured on. */
export function pageOf(results: Results): string {
    const { startedAt, machine, versions } = results;
    const chosen = results.results.filter(
        (one) => shown.subjects.includes(one.subject) && shown.cases.includes(one.case),
    );
    const programs = ["buildkit", "buildx", "docker-build", "pulumi"]
        .map((name) => `${name} ${versions[name]}`)
        .join(", ");
    return [
        `Measured on ${startedAt.slice(0, 10)} with ${programs}, Node.js ${versions["node"]}, on ` +
            `${machine.cores} cores and ${machine.memoryGb} GB, BuildKit's files on ${machine.storage}. ` +
            "Each cell shows the median time and, in parentheses, the median ratio to the Makefile's " +
            "time in the same round; below 1 is faster than the Makefile.",
        ...sectionsOf({ ...results, results: chosen }).flatMap(({ title, header, rows }) => [
            "",
            `**${title}**`,
            "",
            ...markdownOf([header.map((name) => subjectTitles[name] ?? name), ...rows]),
        ]),
    ].join("\n");
}
