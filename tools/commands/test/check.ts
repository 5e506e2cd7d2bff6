import { resolve } from "node:path";
import { runChild } from "../child";
import { nothing, type Tally } from "./tally";

const root = resolve(__dirname, "..", "..", "..");

/** One check that passes or fails as a whole. */
export interface Check {
    readonly name: string;
    /** Resolves to true when the check passes; otherwise prints the reason. */
    run(): Promise<boolean>;
}

/** A check by a program in the clone's node_modules; passes when the program exits with 0. */
export function programCheck(name: string, module: string, args: readonly string[]): Check {
    return {
        name,
        async run() {
            const code = await runChild(process.execPath, [require.resolve(module), ...args], {
                cwd: root,
                env: process.env,
                stdio: ["ignore", "inherit", "inherit"],
            });
            return code === 0;
        },
    };
}

/** Runs one check and prints its outcome. */
export async function runCheck(check: Check): Promise<Tally> {
    const startedMs = Date.now();
    const good = await check.run();
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(`${good ? "✔" : "✖"} ${check.name} (${seconds} s)\n`);
    const { name } = check;
    return good ? { ...nothing, passed: 1 } : { ...nothing, failed: 1, failures: [{ name }] };
}
