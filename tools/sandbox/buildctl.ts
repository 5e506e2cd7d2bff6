import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The end of buildctl's standard error when all went well but its traces could not be sent within
 * the 50 ms it allows itself (BuildKit 0.31.1, cmd/buildctl/common/trace.go), which happens on a
 * busy machine: then it is asked again.
 */
const gaveUp = /^error: context deadline exceeded$/m;
const attemptsMax = 4;

/** What `buildctl` writes to its standard output. @throws when it fails, with its standard error */
export async function askBuildctl(buildctl: string, args: readonly string[]): Promise<string> {
    for (let attempt = 1; ; attempt++) {
        try {
            const { stdout } = await run(buildctl, args, { maxBuffer: 1 << 28 });
            return stdout;
        } catch (error) {
            const text = String(Reflect.get(Object(error), "stderr"));
            if (attempt === attemptsMax || !gaveUp.test(text)) throw error;
        }
    }
}
