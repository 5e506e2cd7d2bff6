import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * buildctl fails although all went well when it cannot send its traces within 50 ms (BuildKit 0.31.1,
 * cmd/buildctl/common/trace.go), which happens on a busy machine. Without samples it has none to send.
 */
const withoutTraces = { OTEL_TRACES_SAMPLER: "always_off" };
/** The end of buildctl's standard error in this case: it is asked again. */
const gaveUp = /^error: context deadline exceeded$/m;
const attemptsMax = 4;

/** What `buildctl` writes to its standard output. @throws when it fails, with its standard error */
export async function askBuildctl(buildctl: string, args: readonly string[]): Promise<string> {
    for (let attempt = 1; ; attempt++) {
        try {
            const env = { ...process.env, ...withoutTraces };
            const { stdout } = await run(buildctl, args, { maxBuffer: 1 << 28, env });
            return stdout;
        } catch (error) {
            const text = String(Reflect.get(Object(error), "stderr"));
            if (attempt === attemptsMax || !gaveUp.test(text)) throw error;
        }
    }
}
