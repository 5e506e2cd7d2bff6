import { createHash } from "node:crypto";
import { access, chmod, constants, copyFile, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build as bundle, version as esbuildVersion } from "esbuild";
import { findExecutable } from "../command";
import { ToolchainError } from "../failure";
import type { MachineFind, Piece } from "../piece";
import { programPins } from "../pins";
import type { ToolName } from "../toolset";
import { reaches, versionIn } from "../version";
import { goProgram } from "./program";
import { versionOf } from "./versionOf";

const hostName = "pulumi-language-nodejs";
const hostSources = resolve(__dirname, "..", "nodejs-host");
const { version } = programPins("pulumi");
const releaseVariable = "HARBOR_BUILD_ENGINE";
/** Packages bundled into the language host. */
const bundled = ["@grpc/grpc-js", "@pulumi/pulumi", "google-protobuf", "shlex"];

/** The Pulumi CLI as the Go compiler builds it, without `pulumi cloud`. */
export const pulumiCli = goProgram({
    name: "pulumi-cli",
    title: `Pulumi CLI ${version}`,
    pins: "pulumi",
    sources: ["stubs"],
    tools: {},
    processorSeconds: 215,
    instead: `Pulumi ${version} or newer with its Node.js language host on PATH`,
});

/**
 * The CLI and the language host in one folder, as in a release. The engine warns about a host in any
 * other place.
 */
export const engine: Piece = {
    name: "engine",
    title: `Pulumi engine ${version} with its Node.js language host`,
    version,
    provides: ["pulumi", "nodejsHostDir"],
    needs: [pulumiCli],
    findOnMachine,
    determinants: async () => [await pulumiCli.determinants(), await hostDeterminants()],
    obstacle: async () => undefined,
    origin: async () => "this clone",
    build: async ({ folder, folderOf }) => {
        const cli = join(await folderOf(pulumiCli), "pulumi");
        await copyFile(cli, join(folder, "pulumi"), constants.COPYFILE_FICLONE);
        await bundleHost(join(folder, hostName));
    },
    toolsIn: (folder) => ({ pulumi: join(folder, "pulumi"), nodejsHostDir: folder }),
};

/** Folder of the Pulumi release to use in place of the toolchain's engine and language hosts. */
export function givenRelease(): string | undefined {
    return process.env[releaseVariable] || undefined;
}

/** Bundles the language host into one executable file. */
export async function bundleHost(outfile: string): Promise<void> {
    await bundle({
        entryPoints: [join(hostSources, "main.ts")],
        outfile,
        bundle: true,
        platform: "node",
        target: "node22",
        format: "cjs",
        banner: { js: "#!/usr/bin/env node" },
        define: { HOST_VERSION: JSON.stringify(version) },
        minify: true,
        legalComments: "none",
        logLevel: "error",
    });
    await chmod(outfile, 0o755);
}

async function hostDeterminants(): Promise<unknown> {
    const hash = createHash("sha256");
    for (const file of (await readdir(hostSources)).sort()) {
        hash.update(`${file}\0`).update(await readFile(join(hostSources, file)));
    }
    const modules = resolve(hostSources, "..", "..", "..", "node_modules");
    const versions = await Promise.all(
        bundled.map(async (name) => {
            const text = await readFile(join(modules, name, "package.json"), "utf8");
            return [name, JSON.parse(text).version];
        }),
    );
    return [esbuildVersion, versions, hash.digest("hex")];
}

/**
 * The given release; without one, the machine's own CLI, when it is new enough and its language host is
 * in the same folder.
 *
 * @throws ToolchainError when the given release is incomplete or too old
 */
async function findOnMachine(): Promise<MachineFind | undefined> {
    const given = givenRelease();
    const path = given === undefined ? await findExecutable("pulumi") : join(given, "pulumi");
    const find = path === undefined ? undefined : await findRelease(path);
    if (given !== undefined && find === undefined) {
        throw new ToolchainError(
            `${releaseVariable}: "${given}" has no Pulumi ${version} or newer with ${hostName} in the ` +
                "same folder. Expected the folder of an unpacked Pulumi release",
        );
    }
    return find;
}

async function findRelease(path: string): Promise<MachineFind | undefined> {
    const folder = dirname(await realpath(path).catch(() => path));
    const found = versionIn(await versionOf(path, ["version"]));
    if (found === undefined || !reaches(found, version) || !(await runs(join(folder, hostName)))) {
        return undefined;
    }
    return { version: found, tools: { pulumi: path, nodejsHostDir: folder } };
}

/** The named language hosts, when the given release has all of them. */
export async function findInRelease(
    hosts: Readonly<Partial<Record<ToolName, string>>>,
): Promise<MachineFind | undefined> {
    const folder = givenRelease();
    if (folder === undefined) {
        return undefined;
    }
    const paths = Object.entries(hosts).map(([tool, file]) => [tool, join(folder, file)] as const);
    if (!(await Promise.all(paths.map(([, path]) => runs(path)))).every(Boolean)) {
        return undefined;
    }
    const release = versionIn(await versionOf(join(folder, "pulumi"), ["version"]));
    return { version: release ?? "unknown", tools: Object.fromEntries(paths) };
}

function runs(path: string): Promise<boolean> {
    return access(path, constants.X_OK).then(
        () => true,
        () => false,
    );
}
