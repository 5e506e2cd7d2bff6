import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { succeeded } from "./run";
import type { Run } from "./stack";

/** Source text of a program that prints, at its end, its peak memory and its most open files. */
export const printsPeaks = `
import { readdirSync } from "node:fs";
let openFiles = 0;
setInterval(() => {
    openFiles = Math.max(openFiles, readdirSync("/proc/self/fd").length);
}, 20).unref();
process.on("exit", () => {
    const mebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(\`peaks: \${mebibytes} MiB, \${openFiles} open files\`);
});
`;

/** What a run needed at most. */
export interface Peaks {
    readonly run: Run;
    readonly seconds: number;
    /** Peak memory of the program, in MiB. */
    readonly memoryMiB: number;
    readonly openFiles: number;
}

/** Measures a successful run of a program that {@link printsPeaks}, and shows the figures. */
export async function measured(
    context: TestContext,
    what: string,
    action: () => Promise<Run>,
): Promise<Peaks> {
    const startedMs = Date.now();
    const run = succeeded(await action());
    const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
    const found = /peaks: (\d+) MiB, (\d+) open files/.exec(run.output);
    assert.ok(found, run.output);
    const [memoryMiB, openFiles] = [Number(found[1]), Number(found[2])];
    context.diagnostic(`${what}: ${seconds} s, ${memoryMiB} MiB, ${openFiles} open files`);
    return { run, seconds, memoryMiB, openFiles };
}
