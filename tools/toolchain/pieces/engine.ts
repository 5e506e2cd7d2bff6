import { createHash } from "node:crypto";
import { access, chmod, constants, copyFile, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build as bundle, version as esbuildVersion } from "esbuild";
import { findExecutable } from "../command";
import type { MachineFind, Piece } from "../piece";
import { programPins } from "../pins";
import { reaches, versionIn } from "../version";
import { goProgram } from "./program";
import { versionOf } from "./versionOf";

const hostName = "pulumi-language-nodejs";
const hostSources = resolve(__dirname, "..", "nodejs-host");
const { version } = programPins("pulumi");
/** Packages bundled into the language host. */
const bundled = ["@grpc/grpc-js", "@pulumi/pulumi", "google-protobuf", "shlex"];

/** The Pulumi CLI as the Go compiler builds it. */
export const pulumiCli = goProgram({
    name: "pulumi-cli",
    title: `Pulumi CLI ${version}`,
    pins: "pulumi",
    tools: {},
    processorSeconds: 400,
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

/** The machine's own CLI, when it is new enough and its language host is in the same folder. */
async function findOnMachine(): Promise<MachineFind | undefined> {
    const path = await findExecutable("pulumi");
    if (path === undefined) {
        return undefined;
    }
    const folder = dirname(await realpath(path));
    const found = versionIn(await versionOf(path, ["version"]));
    const hasHost = await access(join(folder, hostName), constants.X_OK).then(
        () => true,
        () => false,
    );
    if (found === undefined || !reaches(found, version) || !hasHost) {
        return undefined;
    }
    return { version: found, tools: { pulumi: path, nodejsHostDir: folder } };
}
