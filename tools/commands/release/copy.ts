import { copyFile, mkdir, mkdtemp, readdir, readlink, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { captureChild } from "../child";

/** Copies the clone's files, without what git ignores, to a temporary folder with the same packages. */
export async function copyClone(root: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "harbor-build-release-"));
    const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const { stdout } = await captureChild("git", args, { cwd: root });
    for (const path of stdout.split("\0").filter((one) => one !== "")) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        // A tracked file may be deleted in the clone.
        await copyFile(join(root, path), join(folder, path)).catch(ignoreMissing);
    }
    await linkPackages(join(root, "node_modules"), join(folder, "node_modules"));
    return folder;
}

/** Links every package, and copies the links of the clone's own packages. */
async function linkPackages(from: string, to: string): Promise<void> {
    await mkdir(to, { recursive: true });
    for (const entry of await readdir(from, { withFileTypes: true })) {
        const [source, target] = [join(from, entry.name), join(to, entry.name)];
        if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
        else if (entry.name.startsWith("@")) await linkPackages(source, target);
        else await symlink(source, target);
    }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
    if (error.code !== "ENOENT") throw error;
}
