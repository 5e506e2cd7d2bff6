import { execFile } from "node:child_process";
import { cp, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const npmVersion = "11.21.2";

/**
 * Lays out the files that a Node.js image adds to a userland: Node.js with the libraries that it
 * needs, and npm. Returns the folder, whose name has the versions; makes it once.
 */
export async function ensureNodeTree(folder: string, node: string): Promise<string> {
    const { stdout: version } = await run(node, ["--version"]);
    const tree = join(folder, `node-${version.trim()}-npm-${npmVersion}`);
    const isThere = await stat(tree).then(
        () => true,
        () => false,
    );
    if (!isThere) {
        const made = `${tree}.new`;
        await rm(made, { recursive: true, force: true });
        await copyNode(node, made);
        await installNpm(made);
        await rename(made, tree);
    }
    return tree;
}

async function copyNode(node: string, tree: string): Promise<void> {
    const { stdout } = await run("ldd", [node]);
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
    const files = [[node, "usr/local/bin/node"], ...libraries.map((path) => [path, path] as const)];
    for (const [source = "", target = ""] of files) {
        const copy = join(tree, target);
        await mkdir(dirname(copy), { recursive: true });
        await cp(source, copy, { dereference: true });
    }
}

async function installNpm(tree: string): Promise<void> {
    const home = join(tree, "usr", "local", "lib");
    await mkdir(home, { recursive: true });
    const packages = join(home, "package.json");
    await writeFile(packages, "{}");
    const args = ["install", "--ignore-scripts", "--no-package-lock", `npm@${npmVersion}`];
    await run("npm", args, { cwd: home });
    await rm(packages);
    for (const name of ["npm", "npx"]) {
        const program = `../lib/node_modules/npm/bin/${name}-cli.js`;
        await symlink(program, join(tree, "usr", "local", "bin", name));
    }
}
