import fc from "fast-check";
import { type Edit, edit } from "./edits";
import { type Generated, generated } from "./grammar";

/** A Dockerfile, and what happens to its context's folder between one build and the next. */
export interface Walk {
    readonly generated: Generated;
    readonly edits: readonly Edit[];
}

const source = fc.constantFrom(
    ...[".", ".", "docs", "docs/", "conf", "ext", "links", "odd", "*.txt", "link", "linkdir"],
    ...["d*", "docs/*.md", "*/a.md", "links/up", "empty*", "[a-e]*", "new*", "docs/**/c.md"],
);
const flags = fc.constantFrom(
    ...["", "", "", "", "--parents ", "--exclude=*.md ", "--exclude=docs ", "--chmod=755 "],
    ...["--link ", "--chown=1:2 ", "--parents --exclude=**/*.txt "],
);
const extSource = fc.constantFrom("/", ".", "/f.txt", "x", "/sub", "*", "link*", "new*");
const instruction = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(flags, source).map(([f, s]) => `COPY ${f}${s} /to/`) },
    { weight: 1, arbitrary: source.map((path) => `ADD ${path} /to/`) },
    { weight: 3, arbitrary: extSource.map((path) => `COPY --from=ext ${path} /to/`) },
    { weight: 1, arbitrary: fc.constant("RUN --mount=target=/m make") },
    {
        weight: 1,
        arbitrary: fc
            .constantFrom("docs", "conf", "ext", "links", "linkdir", "link", "a.txt", "empty")
            .map((path) => `RUN --mount=source=${path},target=/m make`),
    },
    {
        weight: 1,
        arbitrary: fc
            .constantFrom("", ",source=x", ",source=f.txt")
            .map((path) => `RUN --mount=from=ext${path},target=/m make`),
    },
);
const steps = fc.array(instruction, { minLength: 1, maxLength: 3 });

/** Dockerfiles that BuildKit accepts and that read much of their contexts. */
const reading: fc.Arbitrary<Generated> = fc
    .record({
        builder: fc.option(steps, { nil: undefined }),
        app: steps,
        ignore: fc.constantFrom(
            ...[undefined, undefined, undefined, "docs\n", "*.md\n!docs/a.md\n", "**\n!docs\n"],
            ...["ext\n", "links/up\n", "new*\n**/empty\n"],
        ),
        ext: fc.constantFrom("ext", "ext", "docs", ".", "linkdir"),
        slicing: fc.constantFrom(undefined, undefined, undefined, "whole" as const),
    })
    .map(({ builder, app, ignore, ext, slicing }) => ({
        text: [
            ...(builder === undefined ? [] : ["FROM scratch AS a", ...builder]),
            "FROM scratch",
            ...(builder === undefined ? [] : ["COPY --from=a / /a/"]),
            ...app,
            "",
        ].join("\n"),
        ignore,
        given: { namedContexts: { ext }, ...(slicing === undefined ? {} : { slicing }) },
    }));

/** Dockerfiles, mostly such as read much, each with the edits between its builds. */
export const walk: fc.Arbitrary<Walk> = fc.record({
    generated: fc.oneof({ weight: 5, arbitrary: reading }, { weight: 1, arbitrary: generated }),
    edits: fc.array(edit, { minLength: 1, maxLength: 12 }),
});
