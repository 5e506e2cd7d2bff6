// @ts-check
// Plain JavaScript: the bootstrap checks the fetched Node.js before TypeScript can run.
const { randomBytes } = require("node:crypto");
const { lstat, mkdir, readdir, rename, rm } = require("node:fs/promises");
const { basename, dirname, join } = require("node:path");
const { codeOf } = require("./errorCode.cjs");
const { makeFolder } = require("./folder.cjs");
const { checkEntry, recordEntry } = require("./manifest.cjs");

/** The process that built a partial folder is gone when nothing touched the folder for this long. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/**
 * Publishes a finished folder as the entry: records its files, then renames it into place. When
 * another process published first, a complete entry of that process stays.
 *
 * @param {string} built Folder next to the entry; does not exist afterwards.
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
 * Renames an entry so that no process sees it any more, then deletes it.
 *
 * @param {string} folder
 */
async function removeEntry(folder) {
    const aside = siblingOf(folder);
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
 * Makes an empty folder on the same file system, to build an entry in. Call this function with the
 * entry's lock held: it removes what dead processes left.
 *
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function newBuildFolder(folder) {
    await makeFolder(dirname(folder));
    const prefix = `.${basename(folder)}.`;
    for (const name of await readdir(dirname(folder))) {
        const path = join(dirname(folder), name);
        // A container that shares the cache has its own locks, and may use a fresh folder.
        if (name.startsWith(prefix) && (await ageMs(path)) > LEFTOVER_AGE_MS) {
            await rm(path, { recursive: true, force: true });
        }
    }
    const built = siblingOf(folder);
    await mkdir(built);
    return built;
}

/** @param {string} folder */
function siblingOf(folder) {
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
