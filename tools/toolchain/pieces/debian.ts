import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findExecutable, runCommand } from "../command";
import { CommandFailed } from "../failure";
import type { BuildContext, MachineFind, Piece } from "../piece";
import { debianPins } from "../pins";
import type { Tools } from "../toolset";
import { versionIn } from "../version";
import { versionOf } from "./versionOf";

/** File of an entry with the version of the Debian package. */
const versionFile = "version";

/** Folders of system programs that a user's PATH may lack. */
const systemFolders = [
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
];

/** The container runtime. */
export const runc = debianProgram({
    name: "runc",
    packageName: debianPins.runc,
    files: ["usr/sbin/runc", "usr/bin/runc"],
    libraries: ["libseccomp.so.2"],
    findOnMachine: async () => {
        const path = await findExecutable("runc", systemFolders);
        return path === undefined ? undefined : machineFind("runc", path, ["--version"]);
    },
});

/** A busybox without shared libraries, which runs in an otherwise empty image. */
export const busybox = debianProgram({
    name: "busybox",
    packageName: debianPins.busybox,
    files: ["usr/bin/busybox", "bin/busybox"],
    libraries: [],
    findOnMachine: async () => {
        const path = await findExecutable("busybox", systemFolders);
        if (path === undefined || !(await isStatic(path))) {
            return undefined;
        }
        return machineFind("busybox", path, []);
    },
});

interface DebianRecipe {
    /** Name of the piece, of the program and of the tool. */
    readonly name: "runc" | "busybox";
    readonly packageName: string;
    /** Possible paths of the program in the package, without the leading slash. */
    readonly files: readonly string[];
    /** Shared libraries that the machine must have, in addition to the C library. */
    readonly libraries: readonly string[];
    readonly findOnMachine: () => Promise<MachineFind | undefined>;
}

/**
 * A program from its Debian package. The build extracts the program without installing the package,
 * and needs no special rights: package lists and downloads go to a temporary folder.
 */
function debianProgram(recipe: DebianRecipe): Piece {
    return {
        name: recipe.name,
        title: `${recipe.name} (Debian package ${recipe.packageName})`,
        version: "the distribution's",
        versionIn: async (folder) => (await readFile(join(folder, versionFile), "utf8")).trim(),
        origin: async () => "the package sources of this machine (/etc/apt)",
        provides: [recipe.name],
        findOnMachine: recipe.findOnMachine,
        determinants: async () => [recipe.packageName, recipe.files, versionFile, await codename()],
        obstacle: () => obstacle(recipe),
        build: (context) => build(context, recipe),
        toolsIn: (folder): Partial<Tools> => ({ [recipe.name]: join(folder, recipe.name) }),
    };
}

async function machineFind(
    name: "runc" | "busybox",
    path: string,
    args: readonly string[],
): Promise<MachineFind | undefined> {
    const version = versionIn(await versionOf(path, args));
    return version === undefined ? undefined : { version, tools: { [name]: path } };
}

async function obstacle({ name, packageName, libraries }: DebianRecipe) {
    const byHand = `install the package that contains ${name} (Debian: ${packageName})`;
    for (const program of ["apt-get", "dpkg-deb"]) {
        if ((await findExecutable(program, systemFolders)) === undefined) {
            return `PATH has no ${name}, and no ${program} to fetch it with: ${byHand}`;
        }
    }
    const known = await runCommand("ldconfig", ["-p"], {
        env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    }).catch(() => undefined);
    const lacking = libraries.filter((library) => known !== undefined && !known.includes(library));
    if (lacking.length > 0) {
        return `${name} needs ${lacking.join(", ")}, which this machine lacks: ${byHand}`;
    }
    return undefined;
}

async function build(context: BuildContext, recipe: DebianRecipe): Promise<void> {
    const work = await mkdtemp(join(context.folder, "apt-"));
    try {
        await context.lanes.network.run(() => download(context, recipe.packageName, work));
        const name = (await readdir(work)).find((file) => file.endsWith(".deb")) ?? "";
        const archive = join(work, name);
        const { log, signal } = context;
        const options = { log, signal };
        await runCommand("dpkg-deb", ["-x", archive, join(work, "root")], options);
        const version = await runCommand("dpkg-deb", ["-f", archive, "Version"], options);
        await writeFile(join(context.folder, versionFile), version);
        await copyFirst(recipe, join(work, "root"), join(context.folder, recipe.name));
    } finally {
        await rm(work, { recursive: true, force: true });
    }
}

/** Uses the machine's package lists if possible, else fresh lists in the work folder. */
async function download(context: BuildContext, packageName: string, work: string): Promise<void> {
    const { log, phase, signal } = context;
    const options = { cwd: work, log, signal };
    phase("downloading");
    try {
        await runCommand("apt-get", ["download", packageName], options);
        return;
    } catch {
        signal.throwIfAborted();
    }
    phase("fetching package lists");
    await mkdir(join(work, "state", "lists", "partial"), { recursive: true });
    await mkdir(join(work, "cache", "archives", "partial"), { recursive: true });
    const own = [
        ["Dir::State", join(work, "state")],
        ["Dir::State::lists", join(work, "state", "lists")],
        ["Dir::State::status", "/var/lib/dpkg/status"],
        ["Dir::Cache", join(work, "cache")],
        ["Dir::Cache::archives", join(work, "cache", "archives")],
        // Debian's sandbox user may not enter folders of other users.
        ["APT::Sandbox::User", "root"],
    ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const fetched = await runCommand("apt-get", [...own, "update"], options);
    // apt-get reports a list for which the disk has no room, and ends with exit code 0.
    if (fetched.includes("No space left on device")) {
        throw new CommandFailed("apt-get update", "no room for the package lists", fetched);
    }
    phase("downloading");
    await runCommand("apt-get", [...own, "download", packageName], options);
}

async function copyFirst({ files, packageName }: DebianRecipe, root: string, target: string) {
    for (const file of files) {
        try {
            await copyFile(join(root, file), target);
            return;
        } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
                throw error;
            }
        }
    }
    throw new Error(`package ${packageName} has none of ${files.join(", ")}`);
}

/** The distribution's release; another release has another version of the program. */
async function codename(): Promise<string> {
    const release = await readFile("/etc/os-release", "utf8").catch(() => "");
    return release.match(/^VERSION_CODENAME=(.*)$/m)?.[1] ?? "unknown";
}

/** Whether an ELF executable needs no dynamic loader, that is, has no PT_INTERP program header. */
export async function isStatic(path: string): Promise<boolean> {
    const file = await open(path);
    try {
        const head = Buffer.alloc(64);
        await file.read(head, 0, 64, 0);
        const isElf64 = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1;
        if (!isElf64) {
            return false;
        }
        const [size, count] = [head.readUInt16LE(54), head.readUInt16LE(56)];
        const table = Buffer.alloc(size * count);
        await file.read(table, 0, table.length, Number(head.readBigUInt64LE(32)));
        for (let index = 0; index < count; index++) {
            if (table.readUInt32LE(index * size) === ptInterp) {
                return false;
            }
        }
        return true;
    } finally {
        await file.close();
    }
}

/** Program header type that names the dynamic loader (System V ABI, chapter 5). */
const ptInterp = 3;
