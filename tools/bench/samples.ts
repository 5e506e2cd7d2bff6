import { execFile } from "node:child_process";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Change } from "./cases";

const run = promisify(execFile);
const folders = join(__dirname, "samples");

/** A project that the benchmark builds. */
export interface Sample {
    /** Key in the results. */
    readonly name: string;
    /** The build context, whose Dockerfile has a stage `build`. */
    readonly folder: string;
    /** Folders of the stage `build` to keep in cache mounts. */
    readonly mounts: readonly string[];
    /** The change that makes several images of the sample differ. @default "finalStage" */
    readonly difference?: Change;
    /** Changes a copy of the folder. Each call leads to other content. */
    readonly changes: Readonly<Record<Change, (folder: string, mark: string) => Promise<void>>>;
}

/** The module that a change adds to a Go program, with its checksums. */
const goModule = "github.com/rs/xid v1.6.0";
const goSums = [
    `${goModule} h1:fV591PaemRlL6JfRxGDEPl69wICngIQ3shQtzfy2gxU=`,
    `${goModule}/go.mod h1:7XoLgs4eV+QndskICGsho+ADou8ySMSjJKDIan90Nz0=`,
];

/** Changes of a Go program whose main package is in `cmd`. */
const goChanges = (settings: string): Sample["changes"] => ({
    // A change that reaches the binary; a comment would leave the app image's layer unchanged.
    source: (folder, mark) =>
        appendFile(
            join(folder, "cmd", "main.go"),
            `\nfunc init() { println(${JSON.stringify(mark)}) }\n`,
        ),
    finalStage: (folder, mark) => appendFile(join(folder, settings), `# ${mark}\n`),
    dependency: async (folder) => {
        await appendFile(join(folder, "go.mod"), `\nrequire ${goModule}\n`);
        await appendFile(join(folder, "go.sum"), `${goSums.join("\n")}\n`);
        const lines = [
            "package main",
            'import "github.com/rs/xid"',
            "func init() { println(xid.New().String()) }",
        ];
        await writeFile(join(folder, "cmd", "dependency.go"), `${lines.join("\n\n")}\n`);
    },
});

/**
 * A sample of the folder `samples/NAME`. Its changes edit the word `mark` in a source file and in a file
 * of the final stage, and apply `samples/NAME.patch`, which adds a dependency.
 */
function sampleOf(
    name: string,
    files: { readonly source: string; readonly finalStage: string },
    mounts: readonly string[],
): Sample {
    const edit = (file: string) => async (folder: string, mark: string) => {
        const path = join(folder, file);
        const text = await readFile(path, "utf8");
        await writeFile(path, text.replace(/"mark[^"]*"/, `"mark-${mark}"`));
    };
    const patch = join(folders, `${name}.patch`);
    return {
        name,
        folder: join(folders, name),
        mounts,
        changes: {
            source: edit(files.source),
            finalStage: edit(files.finalStage),
            dependency: async (folder) => {
                // git would skip the files of a folder that a repository around it ignores.
                const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
                await run("git", ["apply", patch], { cwd: folder, env });
            },
        },
    };
}

/** The quickstart's Go program: one small module, the compiler's cache holds the standard library. */
export const quickstart: Sample = {
    name: "quickstart",
    folder: resolve(__dirname, "..", "..", "examples", "quickstart", "fm"),
    mounts: ["/root/.cache/go-build", "/go/pkg/mod"],
    changes: goChanges("conf/config.yaml"),
};

/** A Go program that takes about a minute to compile on two cores. */
export const goLarge: Sample = {
    name: "go-large",
    folder: join(folders, "go-large"),
    mounts: ["/root/.cache/go-build", "/go/pkg/mod"],
    changes: goChanges("settings.yaml"),
};

/** A Node.js program that webpack bundles. */
export const node = sampleOf("node", { source: "src/index.js", finalStage: "settings.json" }, [
    "/root/.npm/_cacache",
    "/root/.cache/webpack",
]);

/** A Java program with Spring Boot. */
export const maven = sampleOf(
    "maven",
    { source: "src/main/java/com/example/Service.java", finalStage: "settings.json" },
    ["/root/.m2/repository"],
);

/** The same Node.js program with pnpm. */
export const pnpm = sampleOf("pnpm", { source: "src/index.js", finalStage: "settings.json" }, [
    "/root/.local/share/pnpm/store",
    "/root/.cache/webpack",
]);

/** A Python program with Django and pandas; pip compiles one of its packages. */
export const python = sampleOf("python", { source: "app/main.py", finalStage: "settings.json" }, [
    "/root/.cache/pip",
]);

/** A Rust program with a web framework. */
export const rust = sampleOf("rust", { source: "src/main.rs", finalStage: "settings.json" }, [
    "/usr/local/cargo/registry",
    "/src/target",
]);

/** One service of several, which share three stages: modules, a library and a generator. */
export const monorepo: Sample = {
    name: "monorepo",
    folder: join(folders, "monorepo"),
    mounts: ["/root/.cache/go-build"],
    difference: "source",
    changes: goChanges("settings.yaml"),
};

/** Two platforms whose builder stages wait for 16 and 20 seconds: the builders share this machine's cores. */
export const platforms: Sample = {
    name: "platforms",
    folder: join(folders, "platforms"),
    mounts: [],
    changes: {
        source: (folder, mark) => appendFile(join(folder, "source.txt"), `${mark}\n`),
        finalStage: (folder, mark) => appendFile(join(folder, "settings.txt"), `${mark}\n`),
        dependency: (folder, mark) => appendFile(join(folder, "source.txt"), `${mark}\n`),
    },
};

/** A program of each ecosystem. */
export const ecosystems: readonly Sample[] = [goLarge, rust, maven, python, pnpm, node];

export const samples: readonly Sample[] = [quickstart, ...ecosystems, monorepo, platforms];

/** The Dockerfile with cache mounts in every `RUN` of the stage `build`, as a user would add them. */
export function withMounts(dockerfile: string, folders: readonly string[]): string {
    const flags = folders.map((folder) => `--mount=type=cache,target=${folder} `).join("");
    return dockerfile
        .split(/^(?=FROM )/m)
        .map((stage) =>
            /^FROM .* AS build$/m.test(stage) ? stage.replaceAll(/^RUN /gm, `RUN ${flags}`) : stage,
        )
        .join("");
}
