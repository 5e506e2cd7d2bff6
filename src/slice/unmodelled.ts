import { patternFault } from "../context/matcher";
import type { ContextTree } from "../context/tree";
import type { ContextRead, WholeContext } from "../dockerfile/stageReads";

/** Patterns that BuildKit accepts and this analysis does not support, so a build may read more. */
export function unmodelled(
    { ignoreFile }: ContextTree,
    reads: readonly ContextRead[],
): WholeContext[] {
    const ignored = ignoreFile?.unmodelled;
    const reason = (what: string) => `${what} is a pattern that only BuildKit reads`;
    return [
        ...(ignored === undefined
            ? []
            : [
                  {
                      line: 1,
                      reason: reason(
                          `"${ignored.written}", line ${ignored.line} of ${ignoreFile?.name},`,
                      ),
                  },
              ]),
        ...reads.flatMap(({ line, path, include, exclude }) =>
            [path, include ?? "", ...exclude]
                .filter((pattern) => patternFault(pattern) === "unmodelled")
                .map((pattern) => ({ line, reason: reason(`"${pattern}"`) })),
        ),
    ];
}
