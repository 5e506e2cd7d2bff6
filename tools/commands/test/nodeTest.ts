import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { captureChild, runChild } from "../child";
import { Problem } from "../problem";
import { add, nothing, type Tally } from "./tally";

const root = resolve(__dirname, "..", "..", "..");

/** Compiled code of Pulumi's SDK and of the tests: a third of the processor time of a small test file. */
const NODE_COMPILE_CACHE = join(root, ".harbor-build", "test", "compile-cache");

/** How to run one group of test files. */
export interface TestGroup {
    /** One or more globs of the files, relative to the clone. */
    readonly files: string | readonly string[];
    /** Number of files that run at the same time. */
    readonly concurrency: number;
    /** Time limit of one test, in milliseconds. */
    readonly timeoutMs: number;
    /**
     * Whether all files share one process. For rooms without global state, where starting a process
     * takes longer than the tests.
     *
     * @default false
     */
    readonly isShared?: boolean;
    readonly environment?: NodeJS.ProcessEnv;
    /** Further arguments of the test runner, such as `--test-name-pattern=…`. */
    readonly runnerArgs?: readonly string[];
}

/**
 * Runs a group's test files with node:test, each file in a separate process unless the group shares
 * one process. Prints the output of a shared process when it ends, so that another group may run at the
 * same time.
 *
 * @throws Problem when no file matches, because a missing group must not pass.
 */
export async function runTests(group: TestGroup): Promise<Tally> {
    const files = await filesOf(group);
    return withTally(group, files, async (args, env) => {
        const options = { cwd: root, env };
        if (group.isShared) return runCaptured(args, options);
        return runChild(process.execPath, args, {
            ...options,
            stdio: ["ignore", "inherit", "inherit"],
        });
    });
}

/** Runs Node.js and prints its output when it ends. */
async function runCaptured(
    args: readonly string[],
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
    heading = "",
): Promise<number> {
    const child = await captureChild(process.execPath, args, options);
    process.stdout.write(`\n${heading}${child.stdout}${child.stderr}`);
    return child.code;
}

/**
 * Runs a group's test files in parallel, one file at a time in each lane. Prints the output of a file
 * when the file is done, so that the output of lanes does not mix.
 *
 * @param lanes the environment of each lane
 * @throws Problem when no file matches
 */
export async function runInLanes(
    group: TestGroup,
    lanes: readonly NodeJS.ProcessEnv[],
): Promise<Tally> {
    const waiting = await filesOf(group);
    let tally = nothing;
    const runLane = async (lane: NodeJS.ProcessEnv): Promise<void> => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
            const environment = { ...group.environment, ...lane };
            const one = await withTally({ ...group, environment }, [file], (args, env) =>
                runCaptured(args, { cwd: root, env }, `${file}\n`),
            );
            tally = add(tally, one);
        }
    };
    await Promise.all(lanes.map(runLane));
    return tally;
}

async function filesOf(group: TestGroup): Promise<string[]> {
    const files: string[] = [];
    for await (const file of glob([group.files].flat(), { cwd: root })) {
        files.push(file);
    }
    if (files.length === 0) {
        throw new Problem(`no test file matches ${[group.files].flat().join(", ")}`);
    }
    return files.sort();
}

/** Runs files and reads the counts of the test runner. */
async function withTally(
    group: TestGroup,
    files: readonly string[],
    run: (args: readonly string[], environment: NodeJS.ProcessEnv) => Promise<number>,
): Promise<Tally> {
    const folder = await mkdtemp(join(tmpdir(), "hb-tally-"));
    const tallyFile = join(folder, "tally.json");
    try {
        const args = [...runnerArguments(group, tallyFile), ...files];
        const code = await run(args, { NODE_COMPILE_CACHE, ...process.env, ...group.environment });
        // The line that reporter.mjs writes.
        const tally = JSON.parse(await readFile(tallyFile, "utf8")) as Tally;
        return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

function runnerArguments(group: TestGroup, tallyFile: string): string[] {
    return [
        "--import",
        "tsx",
        "--test",
        ...(group.isShared ? ["--test-isolation=none"] : []),
        `--test-concurrency=${group.concurrency}`,
        `--test-timeout=${group.timeoutMs}`,
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        `--test-reporter=${join(__dirname, "reporter.mjs")}`,
        `--test-reporter-destination=${tallyFile}`,
        ...(group.runnerArgs ?? []),
    ];
}
