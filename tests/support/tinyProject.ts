import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A two-stage project that builds within a second, with known reads of each stage. */
export const tinyFiles: Readonly<Record<string, string>> = {
    "tiny/Dockerfile": [
        "FROM alpine:3.22 AS build",
        "ARG VERSION=1",
        "COPY shared.txt lib.txt /src/",
        'RUN cat /src/lib.txt > /out && echo "$VERSION" >> /out',
        "FROM alpine:3.22",
        "ARG GREETING=hello",
        "COPY shared.txt conf.txt /etc/tiny/",
        "COPY --from=build /out /out",
        'RUN echo "$GREETING" > /greeting',
        "",
    ].join("\n"),
    "tiny/shared.txt": "read by both\n",
    "tiny/lib.txt": "read by the builder stage\n",
    "tiny/conf.txt": "read by the final stage\n",
    "tiny/README.md": "read by no stage\n",
};

/** The steps of its builder stage, as BuildKit records them. */
export const builderSteps = [
    "COPY shared.txt lib.txt /src/",
    'RUN cat /src/lib.txt > /out && echo "1" >> /out',
];

/** The steps of its final stage, in the order in which they run. */
export const finalSteps = [
    "COPY shared.txt conf.txt /etc/tiny/",
    "COPY --from=build /out /out",
    'RUN echo "hello" > /greeting',
];

/** Writes files into a new folder and returns its path. */
export function writeFolder(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), "hb-files-"));
    for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
    }
    return folder;
}

/**
 * A program that builds those files. `args` are further arguments of the component, as source text.
 */
export function tinyProgram(project: string, args = ""): string {
    return `
import { CachedImage } from "harbor-build";

const tiny = new CachedImage("tiny", {
    project: { name: ${JSON.stringify(project)} },
    context: "tiny",
    retainImages: false,
    ${args}
});
export const image = tiny.ref;
export const digest = tiny.digest;
`;
}
