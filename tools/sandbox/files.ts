import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/** Writes a file atomically: after a kill, the file is complete or unchanged. */
export function writeAtomically(path: string, content: string, mode = 0o644): void {
    const temporary = `${path}.${process.pid}.tmp`;
    try {
        const file = openSync(temporary, "w", mode);
        try {
            writeSync(file, content);
            fsyncSync(file);
        } finally {
            closeSync(file);
        }
        renameSync(temporary, path);
    } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
    }
}
