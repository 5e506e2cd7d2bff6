import { chmod, constants, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { runCommand } from "../command";
import { ToolchainError } from "../failure";
import type { BuildContext, Piece } from "../piece";
import { gorootPins } from "../pins";
import { storedFiles } from "../zip";
import { goEnvironment, goFolders, goObstacle, goOrigin, goPath } from "./go";

/** Containers run Linux, whatever system runs the toolchain. */
const target = `linux-${arch === "x64" ? "amd64" : arch}`;
const sums: Readonly<Record<string, string | undefined>> = gorootPins.sums;

/** A Go distribution for images. Unlike the machine's own, it is the same everywhere. */
export const goroot: Piece = {
    name: "goroot",
    title: `Go ${gorootPins.version} for images`,
    version: gorootPins.version,
    origin: goOrigin,
    folders: goFolders,
    provides: ["goroot"],
    determinants: async () => [gorootPins.version, target],
    obstacle,
    build: async (context) => {
        const source = await download(context);
        context.phase("copying");
        await copyTree(source, join(context.folder, "go"));
    },
    toolsIn: (folder) => ({ goroot: join(folder, "go") }),
};

/** Time zones of the same Go distribution. Unlike the machine's own, they are the same everywhere. */
export const zoneinfo: Piece = {
    name: "zoneinfo",
    title: "time zones for images",
    version: `of Go ${gorootPins.version}`,
    origin: goOrigin,
    folders: goFolders,
    provides: ["zoneinfo"],
    determinants: async () => [gorootPins.version],
    obstacle,
    build: async (context) => {
        const source = await download(context);
        const zip = await readFile(join(source, "lib", "time", "zoneinfo.zip"));
        for (const { path, content } of storedFiles(zip)) {
            const file = join(context.folder, "zoneinfo", path);
            await mkdir(dirname(file), { recursive: true });
            await writeFile(file, content);
        }
    },
    toolsIn: (folder) => ({ zoneinfo: join(folder, "zoneinfo") }),
};

async function obstacle(): Promise<string | undefined> {
    if (sums[target] === undefined) {
        return `no Go is pinned for ${platform}-${arch}; pinned are ${Object.keys(sums).join(", ")}`;
    }
    return goObstacle();
}

/** Fetches the distribution as a Go module, and returns its folder in the module cache. */
async function download({ folder, lanes, log, phase, signal }: BuildContext): Promise<string> {
    return lanes.network.run(async () => {
        phase("downloading");
        const module = `golang.org/toolchain@v0.0.1-go${gorootPins.version}.${target}`;
        const answer = await runCommand(await goPath(), ["mod", "download", "-json", module], {
            cwd: folder,
            env: { ...goEnvironment(), GOFLAGS: "-mod=mod" },
            log,
            signal,
        });
        const { Dir, Sum } = parseDownload(answer);
        if (Sum !== sums[target]) {
            throw new ToolchainError(
                `${module}: the checksum is ${Sum}; the pinned one is ${sums[target]}. ` +
                    "Clear the download cache (go clean -modcache) and run again.",
            );
        }
        return Dir;
    });
}

function parseDownload(answer: string): { Dir: string; Sum: string } {
    const parsed: unknown = JSON.parse(answer);
    if (typeof parsed === "object" && parsed !== null && "Dir" in parsed && "Sum" in parsed) {
        return { Dir: String(parsed.Dir), Sum: String(parsed.Sum) };
    }
    throw new Error(`go mod download answered ${answer}`);
}

/** Copies with new modes: in the module cache every file is read-only and none is executable. */
async function copyTree(source: string, target: string): Promise<void> {
    await mkdir(target);
    for (const entry of await readdir(source, { withFileTypes: true })) {
        const [from, to] = [join(source, entry.name), join(target, entry.name)];
        if (entry.isDirectory()) {
            await copyTree(from, to);
        } else {
            await copyFile(from, to, constants.COPYFILE_FICLONE);
            await chmod(to, /\/(bin|pkg\/tool\/[^/]+)$/.test(target) ? 0o755 : 0o644);
        }
    }
}
