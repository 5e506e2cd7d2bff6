import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Change } from "./cases";

const samples = join(__dirname, "samples");

/** A project that the benchmark builds. */
export interface Sample {
    /** Key in the results. */
    readonly name: string;
    /** The build context, with a Dockerfile of two stages. The first stage is `build`. */
    readonly folder: string;
    /**
     * Folders of the first stage to keep in cache mounts; empty when the Dockerfile declares its own
     * mounts.
     */
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

/** The package that a change adds to the Node.js program. */
const nodePackage = {
    name: "kleur",
    version: "4.1.5",
    integrity:
        "sha512-o+NO+8WrRiQEE4/7nwRJhN1HWpVmJm511pBHUxPLtp0BUISzlBplORYSmTclCnJvQq2tKu/sgl3xVpkc7ZWuQQ==",
};

async function addNodePackage(folder: string): Promise<void> {
    const { name, version, integrity } = nodePackage;
    const edit = async (file: string, change: (json: Lock) => void) => {
        const path = join(folder, file);
        // Both files are part of the sample.
        const json = JSON.parse(await readFile(path, "utf8")) as Lock;
        change(json);
        await writeFile(path, JSON.stringify(json, undefined, 4));
    };
    await edit("package.json", ({ dependencies }) => {
        Object.assign(dependencies, { [name]: version });
    });
    await edit("package-lock.json", ({ packages }) => {
        Object.assign(packages[""]?.dependencies ?? {}, { [name]: version });
        Object.assign(packages, { [`node_modules/${name}`]: { version, integrity } });
    });
    await appendFile(
        join(folder, "src", "index.js"),
        `import colors from "${name}";\nconsole.log(colors.green("${version}"));\n`,
    );
}

interface Lock {
    readonly dependencies: object;
    readonly packages: Readonly<Record<string, { readonly dependencies?: object }>>;
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
    folder: join(samples, "go-large"),
    mounts: ["/root/.cache/go-build", "/go/pkg/mod"],
    changes: goChanges("settings.yaml"),
};

/** A Node.js program whose Dockerfile keeps npm's and webpack's caches in cache mounts. */
export const node: Sample = {
    name: "node",
    folder: join(samples, "node"),
    mounts: [],
    changes: {
        source: (folder, mark) =>
            appendFile(join(folder, "src", "index.js"), `console.log(${JSON.stringify(mark)});\n`),
        finalStage: (folder, mark) =>
            writeFile(join(folder, "settings.json"), JSON.stringify({ greeting: mark })),
        dependency: addNodePackage,
    },
};

/** One service of several, which share three stages: modules, a library and a generator. */
export const monorepo: Sample = {
    name: "monorepo",
    folder: join(samples, "monorepo"),
    mounts: [],
    difference: "source",
    changes: goChanges("settings.yaml"),
};

/** Two platforms whose builder stages wait for 16 and 20 seconds: the builders share this machine's cores. */
export const platforms: Sample = {
    name: "platforms",
    folder: join(samples, "platforms"),
    mounts: [],
    changes: {
        source: (folder, mark) => appendFile(join(folder, "source.txt"), `${mark}\n`),
        finalStage: (folder, mark) => appendFile(join(folder, "settings.txt"), `${mark}\n`),
        dependency: (folder, mark) => appendFile(join(folder, "source.txt"), `${mark}\n`),
    },
};

/** The Dockerfile with cache mounts in every `RUN` of the first stage, as a user would add them. */
export function withMounts(dockerfile: string, folders: readonly string[]): string {
    const flags = folders.map((folder) => `--mount=type=cache,target=${folder} `).join("");
    const [, second] = dockerfile.matchAll(/^FROM /gm);
    const end = second?.index ?? dockerfile.length;
    return dockerfile.slice(0, end).replaceAll(/^RUN /gm, `RUN ${flags}`) + dockerfile.slice(end);
}
