import { runCommand } from "../command";

/** Time for a program to print its version, in milliseconds. */
const timeoutMs = 20_000;

/** What a program prints when asked for its version; empty when it fails. */
export async function versionOf(path: string, args: readonly string[]): Promise<string> {
    return runCommand(path, args, { timeoutMs }).catch(() => "");
}
