import { posix } from "node:path";
import type { CopyInstruction } from "../dockerfile/instruction";
import type { Instruction } from "../dockerfile/parse";

/**
 * Whether a base image has `/bin/sh`: the first RUN uses a shell, and no COPY or ADD before it adds
 * one.
 *
 * @param instructions those of the stages on the image, in the order in which they run
 */
export function hasShell(instructions: readonly Instruction[]): boolean {
    const first = instructions.find((instruction) => {
        const { body } = instruction;
        if (body.kind === "plain") return body.keyword === "SHELL" && !namesShell(instruction);
        return body.kind === "run" || (body.kind === "copy" && mayAddShell(body));
    });
    return first?.body.kind === "run" && first.body.usesShell;
}

/** Whether a copy may add `/bin/sh`. In `COPY --from=uv /uv /uvx /bin/` the sources are programs. */
function mayAddShell({ sources, destination }: CopyInstruction): boolean {
    const path = posix.normalize(destination).replace(/\/$/, "");
    if (/^(?:\/usr)?\/bin$/.test(path)) return sources.some(mayHaveShell);
    return path.includes("$") || ["", "/usr", "/bin/sh", "/usr/bin/sh"].includes(path);
}

function mayHaveShell(source: string): boolean {
    const name = source.slice(source.lastIndexOf("/") + 1);
    return /[*?[$]/.test(source) || ["", ".", "sh", "busybox", "bin", "sbin"].includes(name);
}

/** Whether a SHELL names a shell that comes with `/bin/sh`. */
function namesShell({ source }: Instruction): boolean {
    const text = source.map(({ text }) => text).join(" ");
    return /^\s*SHELL\s*\[\s*"(?:(?:\/usr)?\/bin\/)?(?:sh|ash|dash|bash)"/i.test(text);
}
