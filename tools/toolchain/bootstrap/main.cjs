// @ts-check
const { existsSync } = require("node:fs");
const { delimiter, dirname, join, resolve } = require("node:path");
const { runChild, endAs } = require("./child.cjs");
const { ensureNode } = require("./node.cjs");
const { ensurePackages } = require("./packages.cjs");

const root = resolve(__dirname, "..", "..", "..");

/** What the user of a new clone should expect. It comes first, because even Node.js may take 10 s. */
const firstRun =
    "toolchain: Node.js and the packages take about a minute. The first npm start on a machine then compiles " +
    "its tools: about 9 minutes on two cores without Pulumi and BuildKit on PATH. Later starts take seconds\n";

/**
 * Runs a command of this clone and ends as the command ends.
 *
 * @param {string[]} args The command's name and its arguments.
 */
async function main(args) {
    if (!existsSync(join(root, "node_modules"))) process.stderr.write(firstRun);
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
