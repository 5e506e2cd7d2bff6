import { access, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";
import { cacheRoot } from "../cache/store";
import { findExecutable } from "../command";
import type { MachineFind } from "../piece";
import { programPins } from "../pins";
import { reaches, versionIn } from "../version";
import { findInRelease } from "./engine";
import { goProgram } from "./program";
import { versionOf } from "./versionOf";

const pluginName = "pulumi-resource-docker-build";
const yamlHosts = { yamlHost: "pulumi-language-yaml" };
const ownHosts = { pythonHost: "pulumi-language-python", goHost: "pulumi-language-go" };
const dockerBuildVersion = programPins("docker-build").version;
const pluginFolder = `resource-docker-build-v${dockerBuildVersion}`;

/** Pulumi's plugin for BuildKit. */
export const dockerBuild = goProgram({
    name: "docker-build",
    title: `Pulumi's docker-build plugin ${dockerBuildVersion}`,
    pins: "docker-build",
    sources: ["stubs"],
    outFolder: pluginFolder,
    tools: { pulumiPlugins: "" },
    processorSeconds: 360,
    instead: `the plugin with pulumi plugin install resource docker-build ${dockerBuildVersion}`,
    findOnMachine: findDockerBuild,
});

/** BuildKit's daemon and client. */
export const buildkit = goProgram({
    name: "buildkit",
    title: `BuildKit ${programPins("buildkit").version}`,
    pins: "buildkit",
    tools: { buildkitd: "buildkitd", buildctl: "buildctl" },
    processorSeconds: 280,
    instead: `buildkitd and buildctl ${programPins("buildkit").version} or newer on PATH`,
    findOnMachine: findBuildkit,
});

/** What BuildKit's own frontend makes of Dockerfiles, for the tests. */
export const oracle = goProgram({
    name: "oracle",
    title: `oracle of BuildKit ${programPins("buildkit").version}`,
    pins: "buildkit",
    packages: ["./oracle"],
    sources: ["oracle"],
    tools: { oracle: "oracle" },
    after: ["buildkit"],
    onlyFor: "npm test, npm run test:long",
});

/** The OCI registry, with storage in files only. */
export const registry = goProgram({
    name: "registry",
    title: `OCI registry (distribution) ${programPins("registry").version}`,
    pins: "registry",
    sources: ["registry"],
    tools: { registry: "registry" },
    processorSeconds: 75,
});

/** Pulumi's SDK generators; built after the CLI, because they share most packages. */
export const sdkgen = goProgram({
    name: "sdkgen",
    title: `SDK generator of Pulumi ${programPins("pulumi").version}`,
    pins: "pulumi",
    packages: ["./sdkgen"],
    sources: ["sdkgen"],
    tools: { sdkgen: "sdkgen" },
    after: ["pulumi-cli"],
});

/**
 * Docker's build client. Always the pinned version, because a benchmark compares known versions.
 */
export const buildx = goProgram({
    name: "buildx",
    title: `buildx ${programPins("buildx").version}`,
    pins: "buildx",
    tools: { buildx: "buildx" },
    after: ["buildkit"],
    onlyFor: "npm run bench",
});

/** Pulumi's language host for YAML programs. */
export const yamlHost = goProgram({
    name: "yaml-host",
    title: `YAML language host ${programPins("language-yaml").version}`,
    pins: "language-yaml",
    tools: yamlHosts,
    after: ["pulumi-cli"],
    onlyFor: "npm run test:long",
    findOnMachine: () => findInRelease(yamlHosts),
});

/**
 * Pulumi's language hosts for Python and Go, of the newest version whose modules the Go proxy serves.
 * They run programs, but know neither `pulumi install` nor `pulumi package add`.
 */
export const languageHosts = goProgram({
    name: "language-hosts",
    title: `Python and Go language hosts ${programPins("language-hosts").version}`,
    pins: "language-hosts",
    // The Python host looks for this script in its own folder.
    scripts: {
        module: "github.com/pulumi/pulumi/sdk/v3",
        paths: ["python/cmd/pulumi-language-python-exec"],
    },
    tools: ownHosts,
    onlyFor: "npm run test:long",
    findOnMachine: () => findInRelease(ownHosts),
});

/** A checker of GitHub's workflows. */
export const actionlint = goProgram({
    name: "actionlint",
    title: `actionlint ${programPins("actionlint").version}`,
    pins: "actionlint",
    tools: { actionlint: "actionlint" },
    onlyFor: "npm run test:long",
});

/** The client that verifies the signatures of images. */
export const cosign = goProgram({
    name: "cosign",
    title: `cosign ${programPins("cosign").version}`,
    pins: "cosign",
    tools: { cosign: "cosign" },
    onlyFor: "npm run test:long",
});

/** The user's own copy of the plugin; never a link to the cache, whose entry may be removed. */
async function findDockerBuild(): Promise<MachineFind | undefined> {
    const home = process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");
    const plugins = join(home, "plugins");
    const plugin = join(plugins, pluginFolder, pluginName);
    try {
        await access(plugin);
        const cached = (await realpath(plugin)).startsWith(cacheRoot() + sep);
        return cached
            ? undefined
            : { version: dockerBuildVersion, tools: { pulumiPlugins: plugins } };
    } catch {
        return undefined;
    }
}

/** The machine's daemon, when a client is found as well. */
async function findBuildkit(): Promise<MachineFind | undefined> {
    const buildkitd = await findExecutable("buildkitd");
    if (buildkitd === undefined) {
        return undefined;
    }
    const version = versionIn(await versionOf(buildkitd, ["--version"]));
    const buildctl = await findExecutable("buildctl", [dirname(buildkitd)]);
    const minimum = programPins("buildkit").version;
    if (buildctl === undefined || version === undefined || !reaches(version, minimum)) {
        return undefined;
    }
    return { version, tools: { buildkitd, buildctl } };
}
