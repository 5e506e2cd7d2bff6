import { readdirSync, readFileSync } from "node:fs";

/** A running program. */
export interface Process {
    readonly pid: number;
    /** Its program and arguments. */
    readonly command: string;
}

/** Every process that `pid` started, directly or through others. */
export function descendantsOf(pid: number): readonly Process[] {
    const children = new Map<number, number[]>();
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        // "PID (NAME) STATE PARENT": the name may contain anything.
        const parent = Number(
            read(`/proc/${entry}/stat`)
                .replace(/^.*\) \S /s, "")
                .split(" ")[0],
        );
        children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    }
    const below = (one: number): readonly number[] =>
        (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
    return below(pid).map((one) => ({ pid: one, command: commandOf(one) }));
}

/** Whether a process still runs; an ended one that nobody waited for does not. */
export function isRunning({ pid, command }: Process): boolean {
    return command !== "" && commandOf(pid) === command;
}

/** The environment that a process started with, as `NAME=VALUE` with zeros between. */
export function environmentOf(pid: number): string {
    return read(`/proc/${pid}/environ`);
}

function commandOf(pid: number): string {
    return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** The text of a file; empty if the process has ended. */
function read(path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return "";
    }
}
