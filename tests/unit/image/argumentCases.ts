import { join } from "node:path";
import type { CachedImageArgs } from "../../../src/image/args";
import { writeFolder } from "../../support/tinyProject";

/** What one argument of a `CachedImage` does, compared with {@link baseArgs}. */
export interface ArgumentCase<Value> {
    /** A value that differs from the one in the base. */
    readonly value: Value;
    /** Other arguments that the value requires. @default none */
    readonly with?: Partial<CachedImageArgs>;
    /**
     * The inputs that change, for each resource by the role in its logical name; "added" and
     * "removed" for a resource that only one of the two has.
     */
    readonly changes: Readonly<Record<string, readonly string[] | "added" | "removed">>;
    /**
     * Which of the app image's digests change: of the slice, and with it docker-build's
     * `contextHash`; of the tag by content. @default none
     */
    readonly digests?: readonly ("slice" | "tag")[];
    /** What the state of the component shows. @default the value */
    readonly shown?: unknown;
    /** Arguments of the right types that cannot be used, and the fault of this one. */
    readonly bad?: readonly [args: Partial<CachedImageArgs>, fault: string];
    /** The test below `tests/` that proves the argument, with a real engine if possible. */
    readonly proof: string;
}

const dockerfile = [
    "FROM alpine AS build",
    "ARG VERSION",
    "RUN --mount=type=secret,id=token --mount=type=ssh make",
    "FROM alpine AS debug",
    "COPY --from=build /app /app",
    "COPY --from=lib /lib /lib",
    "COPY a /a",
    "FROM debug AS app",
    "RUN strip /app",
    "",
].join("\n");
const folder = writeFolder({
    Dockerfile: dockerfile,
    a: "a",
    "sbom.json": '{"spdxVersion":"SPDX-2.3"}',
    "other/Dockerfile": `${dockerfile}RUN true\n`,
});

export const baseArgs: CachedImageArgs = {
    project: { name: "shop" },
    context: folder,
    namedContexts: { lib: "docker-image://lib:1" },
};

const inEveryImage = (...inputs: string[]) => ({ "stage-build": inputs, app: inputs });
const references = ["cacheFrom", "context", "dockerfile", "tags"];

/** One case for each argument: a new argument without a case does not compile. */
export const argumentCases: {
    readonly [K in keyof CachedImageArgs]-?: ArgumentCase<NonNullable<CachedImageArgs[K]>>;
} = {
    project: {
        value: { name: "other" },
        changes: {
            project: ["name"],
            robot: ["description", "permissions"],
            "stage-build": references,
            app: ["cacheFrom", "cacheTo", "context", "dockerfile", "tags"],
        },
        bad: [
            { project: { name: "shop", existing: true, import: "/projects/7" } },
            "project.import: project.existing means that someone else manages the project, project.import that this program does; set only one of the two",
        ],
        proof: "integration/existingProject.test.ts",
    },
    context: {
        value: writeFolder({ Dockerfile: dockerfile, a: "b" }),
        changes: {},
        digests: ["slice", "tag"],
        shown: "OTHER",
        proof: "integration/exactDiffs.test.ts",
    },
    dockerfile: {
        value: `${folder}/other/Dockerfile`,
        changes: {},
        digests: ["slice", "tag"],
        shown: "CONTEXT/other/Dockerfile",
        bad: [
            { context: "https://git.example.com/shop.git", dockerfile: "Dockerfile" },
            "dockerfile: a context that BuildKit fetches has its own Dockerfile. Remove dockerfile, or give the text in dockerfileInline",
        ],
        proof: "integration/badSource.test.ts",
    },
    dockerfileInline: {
        value: `${dockerfile}RUN true\n`,
        changes: {},
        digests: ["slice", "tag"],
        bad: [
            { dockerfile: `${folder}/other/Dockerfile`, dockerfileInline: dockerfile },
            "dockerfileInline: replaces the file that dockerfile names; set only one of the two",
        ],
        proof: "integration/inlineDockerfile.test.ts",
    },
    image: {
        value: "other",
        changes: {
            robot: ["description"],
            "stage-build": references,
            app: ["cacheFrom", "cacheTo", "context", "dockerfile", "tags"],
        },
        bad: [
            { image: "cache" },
            'image: "cache" cannot be used: repositories whose last name is "cache" hold caches; use another name',
        ],
        proof: "integration/composition.test.ts",
    },
    tags: {
        value: ["1.4.2"],
        changes: { app: ["tags"] },
        bad: [{ tags: [] }, "tags: empty; expected at least one tag"],
        proof: "integration/movingTags.test.ts",
    },
    target: {
        value: "debug",
        changes: { app: ["target"] },
        digests: ["slice", "tag"],
        proof: "integration/buildArguments.test.ts",
    },
    builderStages: {
        value: [],
        changes: { "stage-build": "removed" },
        proof: "integration/baseRegistries.test.ts",
    },
    buildArgs: {
        value: { VERSION: "2" },
        changes: inEveryImage("buildArgs"),
        digests: ["tag"],
        proof: "integration/contentTags.test.ts",
    },
    secrets: {
        value: { token: "x" },
        changes: inEveryImage("ignoreSecretsInDiffCalculation", "secrets"),
        shown: ["token"],
        proof: "integration/buildArguments.test.ts",
    },
    ssh: {
        value: [{ paths: ["/run/agent"] }],
        changes: inEveryImage("ssh"),
        shown: ["default"],
        bad: [{ ssh: [{}, {}] }, 'ssh[1]: "default" is a duplicate; remove it'],
        proof: "integration/buildArguments.test.ts",
    },
    namedContexts: {
        value: { lib: "docker-image://lib:2" },
        changes: { app: ["context"] },
        digests: ["tag"],
        bad: [
            { namedContexts: { lib: "docker-image://Lib" } },
            'namedContexts.lib: "Lib" is not an image reference: "Lib" is not allowed in a repository name, which is lower case',
        ],
        proof: "integration/buildArguments.test.ts",
    },
    exports: {
        value: [{ type: "oci", dest: `${folder}/image` }, { type: "docker" }],
        changes: { "export-oci": "added", "export-docker": "added" },
        shown: [{ type: "oci", dest: "CONTEXT/image" }, { type: "docker" }],
        bad: [
            { exports: [{ type: "local" }] },
            'exports[0].dest: missing. Expected a folder, for example "dist/local".',
        ],
        proof: "integration/exports.test.ts",
    },
    labels: {
        value: { team: "shop" },
        changes: { app: ["labels"] },
        digests: ["tag"],
        proof: "integration/buildLabels.test.ts",
    },
    buildLabels: {
        value: { commit: "1a2b" },
        changes: { app: ["labels"], stamp: "added" },
        shown: undefined,
        bad: [
            { labels: { commit: "1" }, buildLabels: { commit: "2" } },
            'buildLabels["commit"]: labels also sets this label; set it in only one of the two',
        ],
        proof: "integration/buildLabels.test.ts",
    },
    network: {
        value: "none",
        changes: inEveryImage("network"),
        digests: ["tag"],
        bad: [
            { network: "hst" as "host" },
            'network: unknown value "hst". Expected "default", "none" or "host". Did you mean "host"?',
        ],
        proof: "integration/buildArguments.test.ts",
    },
    extraHosts: {
        value: ["db:10.0.0.1"],
        changes: inEveryImage("addHosts"),
        digests: ["tag"],
        bad: [
            { extraHosts: ["db=10.0.0.1", "db:db.example.com"] },
            'extraHosts[1]: "db:db.example.com" is not a host with an address. Expected NAME:ADDRESS, such as "db:10.0.0.7" or "db:host-gateway"',
        ],
        proof: "integration/buildArguments.test.ts",
    },
    platforms: {
        value: ["linux/arm64"],
        changes: inEveryImage("platforms"),
        digests: ["tag"],
        bad: [
            { platforms: ["linux"] },
            'platforms[0]: "linux" is not a platform that docker-build knows, such as "linux/amd64"',
        ],
        proof: "integration/platforms.test.ts",
    },
    noCache: {
        value: true,
        changes: inEveryImage("noCache"),
        proof: "integration/freshBuilds.test.ts",
    },
    pull: {
        value: true,
        changes: inEveryImage("pull"),
        proof: "integration/freshBuilds.test.ts",
    },
    builder: {
        value: "big",
        changes: inEveryImage("builder"),
        bad: [
            { builder: "" },
            'builder: "" is not a valid builder name. Expected a letter, then letters, digits, ".", "-" and "_". `docker buildx ls` lists the builders.',
        ],
        proof: "integration/builders.test.ts",
    },
    platformBuilders: {
        value: { "linux/arm64": "arm" },
        with: { platforms: ["linux/arm64"] },
        changes: inEveryImage("builder"),
        bad: [
            { platforms: ["linux/amd64"], platformBuilders: { "linux/arm64": "arm" } },
            'platformBuilders["linux/arm64"]: not one of the platforms; add it to platforms, or remove its builder',
        ],
        proof: "integration/builders.test.ts",
    },
    tagByContent: {
        value: true,
        changes: { app: ["tags"] },
        proof: "integration/contentTags.test.ts",
    },
    baseImages: {
        value: "pin",
        changes: inEveryImage("context"),
        bad: [
            { baseImages: "pinned" as "pin" },
            'baseImages: unknown value "pinned". Expected "float" or "pin".',
        ],
        proof: "integration/basePins.test.ts",
    },
    baseImageMirrors: {
        value: { "docker.io": "harbor.example.com/dockerhub" },
        changes: {},
        bad: [
            { baseImageMirrors: { "docker.io": "" } },
            'baseImageMirrors["docker.io"]: "" cannot be used: expected HOST or HOST/PREFIX without scheme, such as harbor.example.com/dockerhub',
        ],
        proof: "integration/baseRegistries.test.ts",
    },
    slicing: {
        value: "whole",
        // A whole build gets every named context.
        changes: { "stage-build": ["context"] },
        digests: ["slice", "tag"],
        bad: [
            { slicing: "all" as "auto" },
            'slicing: unknown value "all". Expected "auto" or "whole".',
        ],
        proof: "integration/baseTriggers.test.ts",
    },
    contextLimits: {
        value: { filesMax: 10 },
        changes: {},
        bad: [
            { contextLimits: { filesMax: -1 } },
            "contextLimits.filesMax: -1 is not a limit; expected 0 or more, or Infinity for no limit",
        ],
        proof: "unit/image/slicing.test.ts",
    },
    cacheMounts: {
        value: { build: ["/root/.cache"] },
        changes: {},
        digests: ["slice", "tag"],
        bad: [
            { cacheMounts: { build: ["cache"] } },
            'cacheMounts.build[0]: "cache" is not an absolute path of letters, digits and . _ - + ~ @ : /. Expected one such as "/root/.cache/go-build"',
        ],
        proof: "integration/mountFaults.test.ts",
    },
    cache: {
        value: { scope: "main" },
        changes: { "stage-build": ["cacheFrom", "tags"], app: ["cacheFrom", "cacheTo"] },
        bad: [{ cache: { scope: "" } }, 'cache.scope: empty; expected a name such as "main"'],
        proof: "integration/cacheScopes.test.ts",
    },
    registry: {
        value: "harbor.example.org",
        // Another host gets no account of Harbor's.
        with: { credentials: { username: "ci", password: "x" } },
        changes: {
            "stage-build": ["cacheFrom", "context", "dockerfile", "registries", "tags"],
            app: ["cacheFrom", "cacheTo", "context", "dockerfile", "registries", "tags"],
        },
        proof: "integration/twoHarbors.test.ts",
    },
    credentials: {
        value: { username: "ci", password: "x" },
        changes: { robot: "removed", ...inEveryImage("registries") },
        shown: { username: "ci" },
        bad: [
            { credentials: { username: "", password: "x" } },
            'credentials.username: empty; expected the full name of an account, such as "robot$shop+ci"',
        ],
        proof: "integration/preview.test.ts",
    },
    sign: {
        value: { key: "-----BEGIN PRIVATE KEY-----" },
        changes: {
            provenance: "added",
            signature: "added",
            "stage-build-sources": "added",
            "app-sources": "added",
        },
        shown: undefined,
        bad: [
            { sign: {} },
            "sign.key: missing. Expected a secret of the Pulumi configuration, or sign.signer",
        ],
        proof: "integration/signatures.test.ts",
    },
    sbom: {
        value: join(folder, "sbom.json"),
        with: { sign: { key: "-----BEGIN PRIVATE KEY-----" } },
        changes: { sbom: "added" },
        shown: "CONTEXT/sbom.json",
        bad: [
            { sbom: join(folder, "sbom.json") },
            "sbom: needs a key to sign the SBOM. Fix: set sign.key",
        ],
        proof: "long/signatures.test.ts",
    },
    robotDays: {
        value: 30,
        changes: { robot: ["duration"] },
        bad: [
            { robotDays: 0 },
            "robotDays: 0; expected a whole number of days from 1, or -1 (forever)",
        ],
        proof: "integration/expiredAccount.test.ts",
    },
    preview: {
        value: "build",
        // Another build writes the cache.
        changes: {
            "stage-build": ["buildOnPreview"],
            app: ["buildOnPreview", "cacheTo"],
            cache: "added",
        },
        bad: [
            { preview: "biuld" as "build" },
            'preview: unknown value "biuld". Expected "plan" or "build". Did you mean "build"?',
        ],
        proof: "integration/preview.test.ts",
    },
    retainImages: {
        value: false,
        changes: { project: ["forceDestroy"] },
        bad: [
            { project: { name: "shop", existing: true }, retainImages: false },
            "retainImages: false requires a project that this component declares: an existing project may hold images of other stacks. Remove retainImages, or remove project.existing. If this component declared the project until now: remove retainImages, run pulumi up, and then set project.existing",
        ],
        proof: "integration/nothingLost.test.ts",
    },
};
