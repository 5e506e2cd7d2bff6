import { isUnknown } from "../dockerfile/expand";
import type { Dockerfile, Instruction } from "../dockerfile/parse";
import type { StageReads } from "../dockerfile/stageReads";
import type { CarriedMount } from "../mounts/stages";
import type { AddedMounts, CarriedTarget } from "./carriedMounts";

/**
 * Programs that repeat compilations or downloads unless a cache mount keeps the results, and where
 * their official images keep these. Not the folders around these: `/root/.gradle` and
 * `/usr/local/cargo` can contain logins, and a carried mount is pushed; `/root/.cache/pypoetry` has
 * the virtual environments, which belong into the image. Not apt and apk: a mount alone does not help, since Debian's
 * images delete the packages and Alpine's apk keeps none.
 */
const tools: readonly (readonly [command: string, paths: readonly string[]])[] = [
    ["go (?:build|install|test|mod download)", ["/root/.cache/go-build", "/go/pkg/mod"]],
    ["npm (?:ci|install|i)", ["/root/.npm/_cacache"]],
    ["pnpm (?:install|i|fetch)", ["/root/.local/share/pnpm/store"]],
    ["yarn(?: install)?", ["/usr/local/share/.cache/yarn"]],
    ["pip3? (?:install|wheel)", ["/root/.cache/pip"]],
    ["uv (?:sync|pip install)", ["/root/.cache/uv"]],
    ["poetry install", ["/root/.cache/pypoetry/cache", "/root/.cache/pypoetry/artifacts"]],
    ["cargo (?:build|install|test)", ["/usr/local/cargo/registry", "/usr/local/cargo/git"]],
    ["(?:mvn|\\./mvnw)", ["/root/.m2/repository"]],
    ["(?:gradle|\\./gradlew)", ["/root/.gradle/caches", "/root/.gradle/wrapper"]],
    ["dotnet (?:restore|build|publish)", ["/root/.nuget/packages"]],
    ["composer install", ["/root/.composer/cache"]],
    ["bundle install", ["/usr/local/bundle/cache"]],
];

/** From docs/bench.md. */
const saving =
    "With carried mounts, new runners built a changed Go program in 15 to 35 % of the time.";

/** Names the argument that keeps cache mounts, if the program does not decide about it. */
export function carryHint(mounts: readonly Pick<CarriedMount, "id">[]): readonly string[] {
    const ids = [...new Set(mounts.map(({ id }) => id))].join(", ");
    return ids === ""
        ? []
        : [
              `cache mounts ${ids}: only the builder keeps their content, so they are empty on a new runner. ` +
                  `${saving} Fix: add cache: { carryMounts: true }, or carryMounts: false to hide this line.`,
          ];
}

/** Names the argument that adds a cache mount, for the first RUN of a known program without one. */
export function toolHint(
    { stages: parsed }: Dockerfile,
    stages: readonly StageReads[],
    added: AddedMounts = {},
): readonly string[] {
    const named = new Set(Object.keys(added).map((stage) => stage.toLowerCase()));
    for (const { stage, caches } of stages) {
        if (stage.name === undefined || stage.isReplaced || named.has(stage.name)) continue;
        for (const run of parsed[stage.index]?.instructions ?? []) {
            if (run.body.kind !== "run" || caches.some(({ line }) => line === run.line)) continue;
            const found = findTool(run);
            if (found === undefined) continue;
            const list = found.paths.map((path) => `"${path}"`).join(", ");
            return [
                `line ${run.line}: "${found.command}" starts without its cache on a new runner. ` +
                    `Fix: add cacheMounts: { ${JSON.stringify(stage.name)}: [${list}] } and ` +
                    `cache: { carryMounts: true }.${found.command.startsWith("go ") ? ` ${saving}` : ""}`,
            ];
        }
    }
    return [];
}

/** A command that builds with Cargo. */
const cargoBuild = /[\s;&|(]cargo\s(?:\+\S+\s)?(?:build|install|test|run|b|t|r)(?=[\s;&|)]|$)/;

/**
 * Warns about Cargo's `target` in a carried mount. Cargo compiles a file again only if the file is newer
 * than the last build there. On a new runner, that build compiled another checkout.
 */
export function cargoWarnings(carried: readonly CarriedTarget[]): readonly string[] {
    const warnings = carried.flatMap(({ run, target }) => {
        const text = textOf(run);
        const build = text.search(cargoBuild);
        const touch = text.search(/\btouch\s/);
        const isTouched = touch >= 0 && touch < build;
        if (build < 0 || isTouched || isUnknown(target) || !/\/target$/.test(target)) return [];
        return [
            `line ${run.line}: Cargo compiles a changed file only if the file is newer than the last build in ${target}, which cache.carryMounts restores. ` +
                "The image could contain an old program. Fix: let the RUN first `touch` the files of the context, or keep this mount out of Dockerfile and cacheMounts.",
        ];
    });
    return [...new Set(warnings)];
}

const textOf = ({ source }: Instruction) =>
    source.map(({ text }) => text.replace(/\\\s*$/, " ")).join(" ");

/** The first known program that a RUN runs as a command of its own. */
function findTool(run: Instruction) {
    const text = textOf(run);
    const found = tools.flatMap(([command, paths]) => {
        const match = new RegExp(`(?:^RUN\\s+|[;&|(\\s])(${command})(?=[\\s;&|)]|$)`, "i").exec(
            text,
        );
        return match?.[1] === undefined ? [] : [{ at: match.index, command: match[1], paths }];
    });
    return found.sort((a, b) => a.at - b.at)[0];
}
