// @ts-check
const { existsSync, realpathSync } = require("node:fs");
const { basename, delimiter, join } = require("node:path");
const { endAs, runChild } = require("./child.cjs");

/** The first version that reads lock files of version 3. */
const oldestMajor = 7;
const heartbeatMs = 30_000;
/** Variables that npm sets for its scripts, and that another npm would read as settings. */
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
        advice: "The download differs from package-lock.json: run `npm cache clean --force`, and check any proxy in between.",
    },
    {
        pattern:
            /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network|E50[0-9]|self.signed|CERT/i,
        advice: "The npm registry could not be reached: check the network, `npm config get registry` and HTTPS_PROXY, then run the same command again.",
    },
    {
        pattern: /E404|ETARGET|E40[13]/,
        advice: "The configured npm registry does not serve a pinned package: check `npm config get registry`.",
    },
    {
        pattern: /in sync|EUSAGE/,
        advice: "package.json and package-lock.json do not match: run `npm install`.",
    },
];

/**
 * Runs npm to its end without its output; reports the purpose and the duration on standard error.
 *
 * @param {string} title What npm does, for users.
 * @param {string[]} args
 * @param {{ cwd: string, node: string, env: NodeJS.ProcessEnv }} options
 * @throws Error that names what failed and what to do.
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
        process.stderr.write(`toolchain: ${title}: still running after ${seconds()} s\n`);
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
 * Finds npm. The given Node.js runs npm when npm is a script, as it nearly always is.
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
            `this is npm ${answer.trim()} (${[file, ...before].join(" ")}); harbor-build needs ` +
                `${oldestMajor} or newer: run \`npm install --global npm\`.`,
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
        `${title} failed. ${advice ?? "npm printed:"}`,
        ...lines.map((line) => `    ${line}`),
    ].join("\n");
}

module.exports = { runNpm };
