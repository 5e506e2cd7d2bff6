// @ts-check
// Plain JavaScript: the bootstrap keeps Node.js in the same cache before TypeScript can run.
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

/**
 * Absolute path of the toolchain's cache, outside the clone and shared by all clones of a user.
 *
 * @param {NodeJS.ProcessEnv} [environment] Default: the environment of this process.
 * @returns {string}
 */
function cacheRoot(environment = process.env) {
    const userCache = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
    return resolve(
        environment["HARBOR_BUILD_CACHE"] || join(userCache, "harbor-build"),
        "toolchain",
    );
}

module.exports = { cacheRoot };
