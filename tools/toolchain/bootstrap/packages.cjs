// @ts-check
const { existsSync } = require("node:fs");
const { readFile } = require("node:fs/promises");
const { join } = require("node:path");
const { withLock } = require("../cache/lock.cjs");
const { runNpm } = require("./npm.cjs");

/**
 * @typedef {object} LockedPackage One entry of a lock file's `packages`.
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

/**
 * Installs the packages of package-lock.json, unless npm's own record in node_modules lists them.
 * An interrupted run leaves no record, because npm writes the record last.
 *
 * @param {string} root The clone.
 * @param {string} node The Node.js to run npm with.
 * @param {NodeJS.ProcessEnv} env
 */
async function ensurePackages(root, node, env) {
    if (await isInstalled(root)) {
        return;
    }
    await withLock(
        join(root, "node_modules"),
        async () => {
            if (await isInstalled(root)) {
                return;
            }
            // Not `npm ci`: `npm ci` refuses a lock file that lacks the programs of other platforms,
            // and npm leaves these out when a registry does not serve them. The clone needs the
            // development packages, whatever NODE_ENV or npm's settings exclude.
            await runNpm(
                "installing the packages of package-lock.json",
                ["install", "--no-save", "--ignore-scripts", "--include=dev", "--include=optional"],
                { cwd: root, node, env },
            );
        },
        {
            onWait: (holder) =>
                process.stderr.write(
                    `toolchain: process ${holder} is installing this clone's packages; waiting\n`,
                ),
        },
    );
}

/** @param {string} root */
async function isInstalled(root) {
    const locked = await packagesOf(join(root, "package-lock.json"));
    if (locked === undefined) {
        throw new Error(
            `${join(root, "package-lock.json")} cannot be read: the clone is incomplete`,
        );
    }
    const installed = await packagesOf(join(root, "node_modules", ".package-lock.json"));
    if (installed === undefined || !existsSync(join(root, "node_modules", "tsx", "package.json"))) {
        return false;
    }
    return Object.entries(locked).every(([path, wanted]) => {
        const found = installed[path];
        if (path === "" || (found === undefined && mayLack(wanted))) {
            return true;
        }
        return found?.version === wanted.version && found?.integrity === wanted.integrity;
    });
}

/**
 * @param {string} path Of a lock file.
 * @returns {Promise<Record<string, LockedPackage> | undefined>}
 */
async function packagesOf(path) {
    try {
        return JSON.parse(await readFile(path, "utf8")).packages;
    } catch {
        return undefined;
    }
}

/**
 * Whether a package may be missing: npm skips programs of other platforms, and the packages that
 * only these programs need. A package for this platform must be installed.
 *
 * @param {LockedPackage} wanted
 */
function mayLack({ optional, os, cpu, libc }) {
    const isForThis =
        libc === undefined && os?.includes(process.platform) && cpu?.includes(process.arch);
    return optional === true && !isForThis;
}

module.exports = { ensurePackages };
