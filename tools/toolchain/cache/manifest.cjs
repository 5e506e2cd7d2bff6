// @ts-check
// Plain JavaScript: the bootstrap checks the fetched Node.js before TypeScript can run.
const { createHash, randomBytes } = require("node:crypto");
const { createReadStream } = require("node:fs");
const {
    lstat,
    readFile,
    readdir,
    readlink,
    rename,
    utimes,
    writeFile,
} = require("node:fs/promises");
const { join } = require("node:path");
const { pipeline } = require("node:stream/promises");
const { codeOf } = require("./errorCode.cjs");

const MANIFEST = ".manifest.json";
/** The modification time of this file is the time of the last use. */
const STAMPS = ".stamps.json";
const FORMAT = 1;
/** Files checked at the same time: enough to keep a disk busy, few enough for the limit of handles. */
const BATCH = 64;

/**
 * @typedef {{ path: string, size: number, executable: boolean, sha256: string }} FileRecord
 * @typedef {{ path: string, target: string }} LinkRecord
 * @typedef {{ format: number, files: FileRecord[], links: LinkRecord[] }} Manifest
 * @typedef {{ state: "good" } | { state: "absent" } | { state: "damaged", reason: string }} Check
 */

/**
 * Checks whether an entry is complete. Compares sizes and modes always, and hashes a file when its
 * times or inode differ from those recorded after the last hash.
 *
 * @param {string} folder
 * @returns {Promise<Check>}
 */
async function checkEntry(folder) {
    const manifest = await readManifest(folder);
    if ("state" in manifest) {
        return manifest;
    }
    const stamps = await readStamps(folder);
    /** @type {Record<string, string>} */
    const seen = {};
    const reason =
        (await firstFault(manifest.links, (link) => linkFault(folder, link))) ??
        (await firstFault(manifest.files, async (file) => {
            const { stamp, fault } = await fileFault(folder, file, stamps[file.path]);
            seen[file.path] = stamp;
            return fault;
        }));
    if (reason !== undefined) {
        return { state: "damaged", reason };
    }
    await refreshStamps(folder, stamps, seen);
    return { state: "good" };
}

/**
 * Records the files of an entry.
 *
 * @param {string} folder
 */
async function recordEntry(folder) {
    /** @type {Manifest} */
    const manifest = { format: FORMAT, files: [], links: [] };
    /** @type {Record<string, string>} */
    const stamps = {};
    for (const path of await listFiles(folder)) {
        const full = join(folder, path);
        const stat = await lstat(full, { bigint: true });
        if (stat.isSymbolicLink()) {
            manifest.links.push({ path, target: await readlink(full) });
            continue;
        }
        const sha256 = await hashFile(full);
        const executable = isExecutable(stat);
        manifest.files.push({ path, size: Number(stat.size), executable, sha256 });
        stamps[path] = stampOf(stat);
    }
    await writeFile(join(folder, STAMPS), JSON.stringify(stamps));
    await writeFile(join(folder, MANIFEST), JSON.stringify(manifest));
}

/**
 * @param {string} folder
 * @param {string} [below]
 * @returns {Promise<string[]>} Paths of files and links, relative to the folder, sorted.
 */
async function listFiles(folder, below = "") {
    /** @type {string[]} */
    const paths = [];
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
        const path = below === "" ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) {
            paths.push(...(await listFiles(folder, path)));
        } else {
            paths.push(path);
        }
    }
    return paths.sort();
}

/**
 * @param {string} folder
 * @returns {Promise<Manifest | Check>}
 */
async function readManifest(folder) {
    let text;
    try {
        text = await readFile(join(folder, MANIFEST), "utf8");
    } catch (error) {
        const there = await lstat(folder).catch(() => undefined);
        if (there === undefined) {
            return { state: "absent" };
        }
        return { state: "damaged", reason: `its manifest cannot be read (${codeOf(error)})` };
    }
    try {
        const manifest = JSON.parse(text);
        if (manifest.format === FORMAT && manifest.files && manifest.links) {
            return manifest;
        }
    } catch {}
    return { state: "damaged", reason: "its manifest is broken" };
}

/**
 * @param {string} folder
 * @returns {Promise<Record<string, string>>} Empty when unreadable; then every file is hashed.
 */
async function readStamps(folder) {
    try {
        return JSON.parse(await readFile(join(folder, STAMPS), "utf8")) ?? {};
    } catch {
        return {};
    }
}

/**
 * Records the checked times and inodes, and the time of the last use. A read-only cache works too,
 * but is hashed in every check.
 *
 * @param {string} folder
 * @param {Record<string, string>} known
 * @param {Record<string, string>} seen
 */
async function refreshStamps(folder, known, seen) {
    const path = join(folder, STAMPS);
    try {
        if (Object.entries(seen).every(([name, stamp]) => known[name] === stamp)) {
            const now = new Date();
            await utimes(path, now, now);
            return;
        }
        const fresh = `${path}.${randomBytes(6).toString("hex")}`;
        await writeFile(fresh, JSON.stringify(seen));
        await rename(fresh, path);
    } catch {}
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => Promise<string | undefined>} check
 * @returns {Promise<string | undefined>}
 */
async function firstFault(items, check) {
    for (let start = 0; start < items.length; start += BATCH) {
        const faults = await Promise.all(items.slice(start, start + BATCH).map(check));
        const fault = faults.find((found) => found !== undefined);
        if (fault !== undefined) {
            return fault;
        }
    }
    return undefined;
}

/**
 * @param {string} folder
 * @param {LinkRecord} link
 */
async function linkFault(folder, { path, target }) {
    const found = await readlink(join(folder, path)).catch(() => undefined);
    return found === target ? undefined : `${path} is a different link`;
}

/**
 * @param {string} folder
 * @param {FileRecord} file
 * @param {string | undefined} knownStamp
 * @returns {Promise<{ stamp: string, fault?: string }>}
 */
async function fileFault(folder, file, knownStamp) {
    const full = join(folder, file.path);
    try {
        const stat = await lstat(full, { bigint: true });
        const stamp = stampOf(stat);
        if (!stat.isFile() || Number(stat.size) !== file.size) {
            const fault = `${file.path} has ${stat.size} bytes instead of ${file.size}`;
            return { stamp, fault };
        }
        if (isExecutable(stat) !== file.executable) {
            return { stamp, fault: `${file.path} has a different mode` };
        }
        if (stamp !== knownStamp && (await hashFile(full)) !== file.sha256) {
            return { stamp, fault: `${file.path} has different content` };
        }
        return { stamp };
    } catch (error) {
        return { stamp: "", fault: `${file.path} cannot be read (${codeOf(error)})` };
    }
}

/** @param {import("node:fs").BigIntStats} stat */
function stampOf(stat) {
    return `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;
}

/** @param {import("node:fs").BigIntStats} stat */
function isExecutable(stat) {
    return (stat.mode & 0o100n) !== 0n;
}

/**
 * @param {string} path
 * @returns {Promise<string>}
 */
async function hashFile(path) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    return hash.digest("hex");
}

module.exports = { STAMPS, checkEntry, recordEntry };
