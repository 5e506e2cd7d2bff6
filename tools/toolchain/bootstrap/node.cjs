// @ts-check
const { execFileSync } = require("node:child_process");
const { chmod, copyFile, mkdir, rm, writeFile } = require("node:fs/promises");
const { join } = require("node:path");
const { newBuildFolder, publishEntry, removeEntry } = require("../cache/entry.cjs");
const { withLock } = require("../cache/lock.cjs");
const { checkEntry } = require("../cache/manifest.cjs");
const { cacheRoot } = require("../cache/root.cjs");
const pins = require("../pins.json");
const { runNpm } = require("./npm.cjs");

/**
 * Provides a Node.js that is new enough for everything else: the running one, or the pinned one,
 * which is fetched once from the npm registry into the cache.
 *
 * @returns {Promise<string>} The absolute path of Node.js.
 */
async function ensureNode() {
    const { minimumMajor, version } = pins.node;
    if (Number.parseInt(process.versions.node, 10) >= minimumMajor) {
        return process.execPath;
    }
    const entry = join(cacheRoot(), `node-${version}-${process.platform}-${process.arch}`);
    const node = join(entry, "bin", "node");
    if ((await checkEntry(entry)).state === "good") {
        return node;
    }
    await withLock(entry, () => fetchNode(entry), {
        onWait: (holder) =>
            process.stderr.write(`toolchain: process ${holder} is fetching Node.js; waiting\n`),
    });
    return node;
}

/** @param {string} entry */
async function fetchNode(entry) {
    const check = await checkEntry(entry);
    if (check.state === "good") {
        return;
    }
    if (check.state === "damaged") {
        process.stderr.write(
            `toolchain: the cached Node.js is damaged (${check.reason}); fetching it again\n`,
        );
        await removeEntry(entry);
    }
    const built = await newBuildFolder(entry);
    try {
        await install(built);
        await publishEntry(built, entry);
    } catch (error) {
        await removeEntry(built);
        throw error;
    }
}

/**
 * Installs the platform's package, which contains the program itself. npm's `node` package would
 * need its install script.
 *
 * @param {string} folder
 */
async function install(folder) {
    const { version, minimumMajor } = pins.node;
    const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
    /** @type {Record<string, string>} */
    const pinned = pins.node.integrity;
    const integrity = pinned[name];
    if (integrity === undefined) {
        throw new Error(
            `no Node.js is pinned for ${process.platform} on ${process.arch}. ` +
                `Install Node.js ${minimumMajor} or newer yourself and put it on PATH.`,
        );
    }
    const work = join(folder, "npm");
    await mkdir(work);
    const dependencies = { [name]: version };
    await writeFile(join(work, "package.json"), JSON.stringify({ dependencies }));
    // npm refuses a package with another checksum than its lock file has.
    const packages = { "": { dependencies }, [`node_modules/${name}`]: { version, integrity } };
    const lock = JSON.stringify({ lockfileVersion: 3, packages });
    await writeFile(join(work, "package-lock.json"), lock);
    await runNpm(
        `fetching Node.js ${version} (this is ${process.versions.node}; harbor-build needs ${minimumMajor} or newer)`,
        ["ci", "--prefix", work, "--ignore-scripts"],
        { cwd: work, node: process.execPath, env: process.env },
    );
    const node = join(folder, "bin", "node");
    await mkdir(join(folder, "bin"));
    await copyFile(join(work, "node_modules", name, "bin", "node"), node);
    await chmod(node, 0o755);
    await rm(work, { recursive: true });
    refuseOther(node);
}

/** @param {string} node */
function refuseOther(node) {
    const { version } = pins.node;
    let answer = "";
    try {
        answer = execFileSync(node, ["--version"], { encoding: "utf8", stdio: "pipe" }).trim();
    } catch (error) {
        answer = error instanceof Error ? error.message : String(error);
    }
    if (answer !== `v${version}`) {
        throw new Error(
            `the Node.js ${version} that npm serves does not run here (${answer}). ` +
                `Install Node.js ${pins.node.minimumMajor} or newer yourself and put it on PATH.`,
        );
    }
}

module.exports = { ensureNode };
