import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { Assembly } from "../../../tools/toolchain/assembly";
import { newLanes } from "../../../tools/toolchain/lanes";
import type { Piece } from "../../../tools/toolchain/piece";
import { Progress } from "../../../tools/toolchain/progress";

/** A piece that writes one file as its tool; `more` overrides members. */
export function filePiece(name: string, more: Partial<Piece> = {}): Piece {
    return {
        name,
        title: `${name} 1.0`,
        version: "1.0",
        provides: ["busybox"],
        origin: async () => "nowhere",
        determinants: async () => name,
        obstacle: async () => undefined,
        build: ({ folder }) => writeFile(join(folder, name), name),
        toolsIn: (folder) => ({ busybox: join(folder, name) }),
        ...more,
    };
}

/** A run with a separate cache; `lines` returns the progress output. */
export function testRun(root: string): Assembly & { readonly lines: () => string[] } {
    let text = "";
    const stream = new Writable({
        write(chunk, _encoding, done) {
            text += String(chunk);
            done();
        },
    });
    return {
        root,
        lanes: newLanes(2),
        progress: new Progress({ stream, live: false, columns: 80 }),
        lines: () => text.trimEnd().split("\n"),
    };
}
