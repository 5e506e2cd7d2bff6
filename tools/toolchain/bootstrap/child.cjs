// @ts-check
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

/** Several parents may forward one signal: repeats within this time count as the same signal. */
const repeatMs = 300;

/**
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Ending
 */

/**
 * Runs a program to its end and forwards signals to it. A terminal sends SIGINT to the program
 * directly, so SIGINT is not forwarded there: many programs abort at once on a second SIGINT.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @param {(chunk: Buffer) => void} [onOutput] Called with the program's output when that is piped.
 * @returns {Promise<Ending>}
 */
function runChild(file, args, options, onOutput = () => {}) {
    return new Promise((done, fail) => {
        const child = spawn(file, args, options);
        const onTerminal = [0, 1, 2].some((fd) => require("node:tty").isatty(fd));
        let lastMs = 0;
        /** @param {NodeJS.Signals} signal */
        const forward = (signal) => {
            const again = Date.now() - lastMs < repeatMs;
            lastMs = Date.now();
            if (!again && !(signal === "SIGINT" && onTerminal)) {
                child.kill(signal);
            }
        };
        /** @type {NodeJS.Signals[]} */
        const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
        for (const signal of signals) {
            process.on(signal, forward);
        }
        const settle = () => {
            for (const signal of signals) {
                process.off(signal, forward);
            }
        };
        child.stdout?.on("data", onOutput);
        child.stderr?.on("data", onOutput);
        child.on("error", (error) => {
            settle();
            fail(error);
        });
        child.on("close", (code, signal) => {
            settle();
            done({ code, signal });
        });
    });
}

/**
 * Ends this process as another process ended: with the same exit code, or by the same signal.
 *
 * @param {Ending} ending
 */
function endAs({ code, signal }) {
    if (signal === null) {
        process.exitCode = code ?? 1;
        return;
    }
    process.exitCode = 128 + constants.signals[signal];
    process.kill(process.pid, signal);
}

module.exports = { runChild, endAs };
