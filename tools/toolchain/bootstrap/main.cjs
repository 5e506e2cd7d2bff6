// @ts-check
const { delimiter, dirname, join, resolve } = require("node:path");
const { runChild, endAs } = require("./child.cjs");
const { ensureNode } = require("./node.cjs");
const { ensurePackages } = require("./packages.cjs");

const root = resolve(__dirname, "..", "..", "..");

/**
 * Runs a command of this clone and ends as the command ends.
 *
 * @param {string[]} args The command's name and its arguments.
 */
async function main(args) {
    try {
        const node = await ensureNode();
        const environment = withPath(dirname(node));
        await ensurePackages(root, node, environment);
        const ending = await runChild(
            node,
            ["--import", "tsx", join("tools", "commands", "main.ts"), ...args],
            { cwd: root, env: environment, stdio: "inherit" },
        );
        endAs(ending);
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const isNoFolder = /^(ENOTDIR|EEXIST|ENOENT: .*, mkdir)\b/.test(message);
        const fix = isNoFolder ? ". Point HARBOR_BUILD_CACHE at a folder" : "";
        process.stderr.write(`error: ${message}${fix}\n`);
        process.exitCode = 1;
    }
}

/**
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
function withPath(folder) {
    return { ...process.env, PATH: [folder, process.env["PATH"]].filter(Boolean).join(delimiter) };
}

module.exports = { main };
