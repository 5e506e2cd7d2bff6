// @ts-check
// Plain JavaScript: the bootstrap takes locks before TypeScript can run.
const { createHash, randomBytes } = require("node:crypto");
const { link, lstat, mkdir, rename, rm } = require("node:fs/promises");
const { createServer, connect } = require("node:net");
const { tmpdir } = require("node:os");
const { join, resolve } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

/** A build may hold a lock for minutes; after an hour the holder hangs. */
const WAIT_MAX_MS = 60 * 60 * 1000;
/** A socket refuses connections for an instant while its owner sets it up. */
const SETTLE_MS = 50;

/**
 * @typedef {object} LockOptions
 * @property {(holder: string) => void} [onWait] Called once when another process holds the lock,
 *   with the id of that process.
 * @property {number} [waitMaxMs] Longest wait, in milliseconds. Default: one hour.
 */

/**
 * Runs `body` while no other process on this machine holds the lock of the same target. The lock is
 * a listening socket. The kernel closes the socket with its process, so a dead process never holds
 * the lock, and waiting processes wake up at once.
 *
 * @template T
 * @param {string} target Path of what the lock protects; the path need not exist.
 * @param {() => Promise<T>} body
 * @param {LockOptions} [options]
 * @returns {Promise<T>}
 */
async function withLock(target, body, options = {}) {
    const socketPath = await lockSocket(target);
    const release = await acquire(socketPath, target, options);
    try {
        return await body();
    } finally {
        await release();
    }
}

/**
 * Path of the lock's socket, in the user's part of the temporary folder: a socket path has at most
 * 107 bytes, and home folders may be on a network.
 *
 * @param {string} target
 */
async function lockSocket(target) {
    const user = process.getuid ? process.getuid() : "user";
    const folder = join(tmpdir(), `harbor-build-locks-${user}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    refuseOthers(folder, await lstat(folder));
    const name = createHash("sha256").update(resolve(target)).digest("hex").slice(0, 20);
    return join(folder, `${name}.sock`);
}

/**
 * In a folder of another user, that user decides who gets the lock.
 *
 * @param {string} folder
 * @param {import("node:fs").Stats} found
 */
function refuseOthers(folder, found) {
    const user = process.getuid?.();
    const isOpen = user !== undefined && (found.mode & 0o022) !== 0;
    if (found.isDirectory() && !isOpen && (user === undefined || found.uid === user)) return;
    throw new Error(
        `${folder}: expected a folder that belongs to this user and that others cannot write. ` +
            "Delete it, or set TMPDIR to a folder of your own.",
    );
}

/**
 * @param {string} socketPath
 * @param {string} target
 * @param {LockOptions} options
 * @returns {Promise<() => Promise<void>>} Releases the lock.
 */
async function acquire(socketPath, target, { onWait, waitMaxMs = WAIT_MAX_MS }) {
    const deadline = Date.now() + waitMaxMs;
    let isReported = false;
    for (;;) {
        const release = await listen(socketPath);
        if (release) {
            return release;
        }
        const outcome = await waitForHolder(socketPath, deadline, (holder) => {
            if (!isReported) {
                isReported = true;
                onWait?.(holder);
            }
        });
        if (outcome === "refused") {
            await removeDead(socketPath);
        }
        if (outcome === "timeout" || Date.now() > deadline) {
            const minutes = Math.round(waitMaxMs / 60_000);
            throw new Error(`${target}: locked by another process for over ${minutes} minutes`);
        }
    }
}

/**
 * @param {string} socketPath
 * @returns {Promise<(() => Promise<void>) | undefined>} undefined when the socket is taken.
 */
function listen(socketPath) {
    return new Promise((done, fail) => {
        /** @type {Set<import("node:net").Socket>} */
        const waiting = new Set();
        const server = createServer((socket) => {
            waiting.add(socket);
            socket.on("error", () => {});
            socket.on("close", () => waiting.delete(socket));
            socket.write(`${process.pid}\n`);
        });
        server.on("error", (/** @type {NodeJS.ErrnoException} */ error) =>
            error.code === "EADDRINUSE" ? done(undefined) : fail(error),
        );
        server.listen(socketPath, () =>
            done(async () => {
                const closed = new Promise((resolved) => server.close(resolved));
                for (const socket of waiting) {
                    socket.destroy();
                }
                await closed;
            }),
        );
    });
}

/**
 * @param {string} socketPath
 * @param {number} deadline
 * @param {(holder: string) => void} onHolder
 * @returns {Promise<"gone" | "refused" | "timeout">}
 */
function waitForHolder(socketPath, deadline, onHolder) {
    return new Promise((done) => {
        const socket = connect(socketPath);
        const timer = setTimeout(() => {
            done("timeout");
            socket.destroy();
        }, deadline - Date.now());
        socket.on("data", (data) => onHolder(data.toString("utf8").trim()));
        socket.on("error", (/** @type {NodeJS.ErrnoException} */ error) =>
            done(error.code === "ECONNREFUSED" ? "refused" : "gone"),
        );
        socket.on("close", () => {
            clearTimeout(timer);
            done("gone");
        });
    });
}

/**
 * Removes a socket whose process died. This function first renames the socket and connects to it
 * again. If another process has just bound the path, the socket goes back to its place.
 *
 * @param {string} socketPath
 */
async function removeDead(socketPath) {
    await sleep(SETTLE_MS);
    if (!(await refuses(socketPath))) {
        return;
    }
    const aside = `${socketPath}.${randomBytes(6).toString("hex")}`;
    try {
        await rename(socketPath, aside);
    } catch {
        return;
    }
    if (!(await refuses(aside))) {
        await link(aside, socketPath).catch(() => {});
    }
    await rm(aside, { force: true });
}

/**
 * @param {string} socketPath
 * @returns {Promise<boolean>} Whether the socket exists and no process listens.
 */
function refuses(socketPath) {
    return new Promise((done) => {
        const socket = connect(socketPath, () => {
            done(false);
            socket.destroy();
        });
        socket.on("error", (/** @type {NodeJS.ErrnoException} */ error) =>
            done(error.code === "ECONNREFUSED"),
        );
    });
}

module.exports = { withLock };
