import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runChild } from "../child";
import { Problem } from "../problem";
import type { Tally } from "./tally";

const root = resolve(__dirname, "..", "..");

/** How one group of test files is run. */
export interface TestGroup {
    /** Glob, or globs, of the files, relative to the clone. */
    readonly files: string | readonly string[];
    /** Files that run at once. */
    readonly concurrency: number;
    /** Time one test may take, in milliseconds. */
    readonly timeoutMs: number;
    readonly environment?: NodeJS.ProcessEnv;
    /** Further arguments of the test runner, such as `--test-name-pattern=…`. */
    readonly runnerArgs?: readonly string[];
}

/**
 * Runs test files with node:test, each in a process of its own.
 *
 * @throws Problem when no file matches: a group that has vanished must not look green.
 */
export async function runTests(group: TestGroup): Promise<Tally> {
    const files: string[] = [];
    for await (const file of glob([group.files].flat(), { cwd: root })) {
        files.push(file);
    }
    if (files.length === 0) {
        throw new Problem(`no test file matches ${[group.files].flat().join(", ")}`);
    }
    const folder = await mkdtemp(join(tmpdir(), "hb-tally-"));
    const tallyFile = join(folder, "tally.json");
    try {
        const code = await runChild(
            process.execPath,
            [
                "--import",
                "tsx",
                "--test",
                `--test-concurrency=${group.concurrency}`,
                `--test-timeout=${group.timeoutMs}`,
                "--test-reporter=spec",
                "--test-reporter-destination=stdout",
                `--test-reporter=${join(__dirname, "reporter.mjs")}`,
                `--test-reporter-destination=${tallyFile}`,
                ...(group.runnerArgs ?? []),
                ...files.sort(),
            ],
            {
                cwd: root,
                env: { ...process.env, ...group.environment },
                stdio: ["ignore", "inherit", "inherit"],
            },
        );
        // The reporter's own line; its shape is ours.
        const tally = JSON.parse(await readFile(tallyFile, "utf8")) as Tally;
        return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
