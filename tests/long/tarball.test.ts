import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import manifest from "../../package.json";
import { root } from "../support/lab";

const run = promisify(execFile);
let folder: string;

/** A user's project: nothing but the tarball and what README names. */
before(async () => {
    folder = await mkdtemp(join(tmpdir(), "hb-user-"));
    await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
    const packages = ["@pulumi/pulumi", "typescript"] as const;
    const pinned = packages.map((name) => `${name}@${manifest.devDependencies[name]}`);
    const tarball = join(folder, `harbor-build-${manifest.version}.tgz`);
    await run("npm", ["install", "--ignore-scripts", tarball, ...pinned], { cwd: folder });
});

after(() => rm(folder, { recursive: true, force: true }));

test("the installed package can be required", async () => {
    const script = 'console.log(typeof require("harbor-build").CachedImage)';
    const { stdout } = await run(process.execPath, ["-e", script], { cwd: folder });
    assert.equal(stdout, "function\n");
});

test("a program compiles against its types, with those of what it brings along", async () => {
    const program = `
import { CachedImage, type CachedImageArgs } from "harbor-build";
const args: CachedImageArgs = { project: { name: "shop" }, context: "./fm" };
export const ref = new CachedImage("fm", args).ref;
// @ts-expect-error: a project has a name
new CachedImage("fm", { project: {}, context: "./fm" });
`;
    await writeFile(join(folder, "index.ts"), program);
    const compilerOptions = {
        strict: true,
        noEmit: true,
        module: "nodenext",
        target: "es2022",
        types: ["node"],
    };
    const settings = { compilerOptions, files: ["index.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const tsc = join(folder, "node_modules", "typescript", "bin", "tsc");
    await run(process.execPath, [tsc, "-p", folder]);
});

test("its plugin is the provider of its version", async () => {
    const plugin = join(folder, "node_modules/harbor-build/dist/plugin/pulumi-resource-harbor");
    const { stdout } = await run(plugin, ["--version"]);
    assert.equal(stdout, `${manifest.version}\n`);
});
