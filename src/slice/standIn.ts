import type { DockerfileFailure } from "../dockerfile/failure";
import type { Dockerfile, Instruction } from "../dockerfile/parse";
import { familiarName } from "../dockerfile/reference";
import type { StageReads } from "../dockerfile/stageReads";

/** Names that replace images in FROM, by the image's familiar name. */
export type StandIns = ReadonlyMap<string, string>;

/**
 * The lines of a FROM instruction with another image in place of its own.
 *
 * @returns undefined when the image's name is not in one piece.
 */
export function replaceBase(
    { source, body }: Instruction,
    image: string,
    escapeChar: string,
): Instruction["source"] | undefined {
    if (body.kind !== "from") return undefined;
    let isKeywordSeen = false;
    for (const [index, { text }] of source.entries()) {
        for (const { 0: found, index: at } of text.matchAll(/[^\t\v\f\r ]+/g)) {
            // A backslash at the end of the line continues it, and is no part of the word.
            const continues =
                found.endsWith(escapeChar) && text.trimEnd().length === at + found.length;
            const word = continues ? found.slice(0, -1) : found;
            if (word === "" || word.startsWith("--")) continue;
            if (isKeywordSeen) {
                if (word !== body.base) return undefined;
                const changed = text.slice(0, at) + image + text.slice(at + word.length);
                return source.map((line, i) => (i === index ? { ...line, text: changed } : line));
            }
            isKeywordSeen = true;
        }
    }
    return undefined;
}

/** The instructions that would still get the image itself, not its stand-in. */
export function withoutStandIn(
    { stages: parsed, directives }: Dockerfile,
    stages: readonly StageReads[],
    standIns: StandIns,
): DockerfileFailure[] {
    const hasOne = (reference: string) =>
        !reference.includes("@") && standIns.has(familiarName(reference));
    const why = (reference: string) =>
        `the image cannot be pinned, because a stage has its name ("${familiarName(reference)}")`;
    return stages.flatMap(({ stage: { index, line, base, edges } }) => {
        const from = parsed[index]?.instructions[0];
        const isSplit =
            base.kind === "image" &&
            hasOne(base.reference) &&
            (from === undefined || replaceBase(from, "", directives.escape) === undefined);
        return [
            ...(isSplit
                ? [
                      {
                          line,
                          reason: `FROM ${base.reference}: ${why(base.reference)}; rename the stage, or write the image's name in one piece`,
                      },
                  ]
                : []),
            ...edges.flatMap(({ instruction, line, written, source }) => {
                if (source.kind !== "image" || !hasOne(source.reference)) return [];
                const flag = instruction === "COPY" ? "--from" : "--mount=from";
                const reason = `${instruction} ${flag}=${written}: ${why(source.reference)}; rename the stage`;
                return [{ line, reason }];
            }),
        ];
    });
}
