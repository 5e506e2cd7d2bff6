// @ts-check
const { existsSync, realpathSync } = require("node:fs");
const { basename, delimiter, join } = require("node:path");
const { endAs, runChild } = require("./child.cjs");

/** Lock files of version 3 need it. */
const oldestMajor = 7;
const heartbeatMs = 30_000;
/** What npm sets for the scripts it runs, and would take for its own settings. */
const inherited = ["npm_config_local_prefix", "npm_config_prefix", "npm_config_global"];

/** What npm's error codes mean for the user. */
const symptoms = [
    {
        pattern: /ENOSPC|no space left|EDQUOT/i,
        advice: "The disk is full: free some space, then run the same command again.",
    },
    {
        pattern: /EACCES|EPERM|EROFS/,
        advice: "No permission to write there: the clone and npm's cache must belong to you.",
    },
    {
        pattern: /EINTEGRITY/,
        advice: "What was downloaded is not what package-lock.json names: `npm cache clean --force`, and look at any proxy in between.",
    },
    {
        pattern:
            /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network|E50[0-9]|self.signed|CERT/i,
        advice: "The npm registry could not be reached: check the network, `npm config get registry` and HTTPS_PROXY, then run the same command again.",
    },
    {
        pattern: /E404|ETARGET|E40[13]/,
        advice: "The npm registry in use does not serve a package that is pinned: check `npm config get registry`.",
    },
    {
        pattern: /in sync|EUSAGE/,
        advice: "package.json and package-lock.json do not fit together: run `npm install`.",
    },
];

/**
 * Runs npm to its end, silently; tells on standard error what for and for how long.
 *
 * @param {string} title What it does, for people.
 * @param {string[]} args
 * @param {{ cwd: string, node: string, env: NodeJS.ProcessEnv }} options
 * @throws Error that says what failed and what to do.
 */
async function runNpm(title, args, { cwd, node, env }) {
    const { file, before } = findNpm(node, env);
    const environment = { ...env };
    for (const name of inherited) {
        delete environment[name];
    }
    await refuseOldNpm(file, before, environment);
    const startedMs = Date.now();
    const seconds = () => Math.round((Date.now() - startedMs) / 1000);
    process.stderr.write(`toolchain: ${title}\n`);
    const heartbeat = setInterval(() => {
        process.stderr.write(`toolchain: ${title}: still at it after ${seconds()} s\n`);
    }, heartbeatMs);
    let output = "";
    try {
        const ending = await runChild(
            file,
            [...before, ...args, "--loglevel=error", "--no-audit", "--no-fund", "--no-progress"],
            { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] },
            (chunk) => {
                output = (output + chunk.toString("utf8")).slice(-20_000);
            },
        );
        if (ending.signal !== null) {
            endAs(ending);
        }
        if (ending.code !== 0) {
            throw new Error(explain(title, output));
        }
    } finally {
        clearInterval(heartbeat);
    }
    process.stderr.write(`toolchain: ${title}: done after ${seconds()} s\n`);
}

/**
 * npm as a command line: run by the Node.js given when it is a script, which it nearly always is.
 *
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ file: string, before: string[] }}
 */
function findNpm(node, env) {
    const running = env["npm_execpath"];
    if (running && basename(running) === "npm-cli.js" && existsSync(running)) {
        return { file: node, before: [running] };
    }
    for (const folder of (env["PATH"] ?? "").split(delimiter)) {
        const path = join(folder, "npm");
        if (folder !== "" && existsSync(path)) {
            const real = realpathSync(path);
            return real.endsWith(".js")
                ? { file: node, before: [real] }
                : { file: real, before: [] };
        }
    }
    throw new Error("there is no npm on PATH. Install npm 7 or newer (it comes with Node.js).");
}

/**
 * @param {string} file
 * @param {string[]} before
 * @param {NodeJS.ProcessEnv} env
 */
async function refuseOldNpm(file, before, env) {
    let answer = "";
    await runChild(
        file,
        [...before, "--version"],
        { env, stdio: ["ignore", "pipe", "ignore"] },
        (chunk) => {
            answer += chunk.toString("utf8");
        },
    );
    if (Number.parseInt(answer, 10) < oldestMajor) {
        throw new Error(
            `this is npm ${answer.trim()} (${[file, ...before].join(" ")}); needed is ` +
                `${oldestMajor} or newer: \`npm install --global npm\`.`,
        );
    }
}

/**
 * @param {string} title
 * @param {string} output
 */
function explain(title, output) {
    const advice = symptoms.find(({ pattern }) => pattern.test(output))?.advice;
    const lines = output.trimEnd().split("\n").slice(-12);
    return [
        `${title} failed. ${advice ?? "npm said:"}`,
        ...lines.map((line) => `    ${line}`),
    ].join("\n");
}

module.exports = { runNpm };
