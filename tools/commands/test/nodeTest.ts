import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { captureChild, runChild } from "../child";
import { Problem } from "../problem";
import { add, nothing, type Tally } from "./tally";

const root = resolve(__dirname, "..", "..", "..");

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
 * one process.
 *
 * @throws Problem when no file matches, because a missing group must not pass.
 */
export async function runTests(group: TestGroup): Promise<Tally> {
    const files = await filesOf(group);
    return withTally(group, files, (args, env) =>
        runChild(process.execPath, args, {
            cwd: root,
            env,
            stdio: ["ignore", "inherit", "inherit"],
        }),
    );
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
            const one = await withTally({ ...group, environment }, [file], async (args, env) => {
                const child = await captureChild(process.execPath, args, { cwd: root, env });
                process.stdout.write(`\n${file}\n${child.stdout}${child.stderr}`);
                return child.code;
            });
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
        const code = await run(args, { ...process.env, ...group.environment });
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
