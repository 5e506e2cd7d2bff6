// @ts-check
// Plain JavaScript: the bootstrap checks the Node.js it fetched before TypeScript can run.
const { randomBytes } = require("node:crypto");
const { lstat, mkdir, readdir, rename, rm } = require("node:fs/promises");
const { basename, dirname, join } = require("node:path");
const { codeOf } = require("./errorCode.cjs");
const { checkEntry, recordEntry } = require("./manifest.cjs");

/** A half-built folder untouched for this long has no builder any more. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/**
 * Makes a finished folder the entry: records its files, then renames it into place. Where another
 * process was first, its entry stays if it is whole.
 *
 * @param {string} built Folder next to the entry; gone afterwards.
 * @param {string} folder The entry.
 */
async function publishEntry(built, folder) {
    await recordEntry(built);
    for (let attempt = 0; attempt < 3; attempt++) {
        try {
            await rename(built, folder);
            return;
        } catch (error) {
            if (!["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(codeOf(error))) {
                throw error;
            }
        }
        if ((await checkEntry(folder)).state === "good") {
            await rm(built, { recursive: true, force: true });
            return;
        }
        await removeEntry(folder);
    }
    throw new Error(`${folder}: other processes keep putting damaged entries here`);
}

/**
 * Takes an entry out of the way at once, then deletes it.
 *
 * @param {string} folder
 */
async function removeEntry(folder) {
    const aside = besides(folder);
    try {
        await rename(folder, aside);
    } catch (error) {
        if (codeOf(error) === "ENOENT") {
            return;
        }
        throw error;
    }
    await rm(aside, { recursive: true, force: true });
}

/**
 * An empty folder to build an entry in, on the same file system. Call it with the entry's lock
 * held: what dead builders left is removed.
 *
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function newBuildFolder(folder) {
    await mkdir(dirname(folder), { recursive: true });
    const prefix = `.${basename(folder)}.`;
    for (const name of await readdir(dirname(folder))) {
        const path = join(dirname(folder), name);
        // A container that shares the cache has its own locks: what is fresh may be in use there.
        if (name.startsWith(prefix) && (await ageMs(path)) > LEFTOVER_AGE_MS) {
            await rm(path, { recursive: true, force: true });
        }
    }
    const built = besides(folder);
    await mkdir(built);
    return built;
}

/** @param {string} folder */
function besides(folder) {
    return join(dirname(folder), `.${basename(folder)}.${randomBytes(6).toString("hex")}`);
}

/** @param {string} path */
async function ageMs(path) {
    try {
        return Date.now() - (await lstat(path)).mtimeMs;
    } catch {
        return 0;
    }
}

module.exports = { newBuildFolder, publishEntry, removeEntry };
