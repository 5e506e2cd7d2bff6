import { runCommand } from "../command";

/** Time allowed for a program to tell its version. */
const timeoutMs = 20_000;

/** What a program answers when asked for its version; empty when it cannot tell. */
export async function versionOf(path: string, args: readonly string[]): Promise<string> {
    return runCommand(path, args, { timeoutMs }).catch(() => "");
}
