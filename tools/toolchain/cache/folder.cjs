// @ts-check
// Plain JavaScript: the bootstrap needs folders before TypeScript can run.
const { mkdir, stat } = require("node:fs/promises");
const { dirname } = require("node:path");
const { codeOf } = require("./errorCode.cjs");

/**
 * Creates a folder with its parents. Node.js's own `recursive` never ends below `/proc`, where the
 * parent exists and a new folder fails with ENOENT.
 *
 * @param {string} folder
 * @returns {Promise<void>}
 */
async function makeFolder(folder) {
    try {
        await mkdir(folder);
    } catch (error) {
        if (await isFolder(folder)) return;
        if (codeOf(error) !== "ENOENT" || (await isFolder(dirname(folder)))) throw error;
        await makeFolder(dirname(folder));
        await makeFolder(folder);
    }
}

/** @param {string} path */
async function isFolder(path) {
    return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

module.exports = { makeFolder };
