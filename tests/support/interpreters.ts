import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDaemon, stopDaemon } from "../../tools/sandbox/daemon";
import { type Entry, folderEntries, writeLayer } from "../../tools/sandbox/images/layer";
import { Pusher } from "../../tools/sandbox/images/push";
import { userland, userlandPath } from "../../tools/sandbox/images/userland";
import { placesOf } from "../../tools/sandbox/places";
import { mirrorRegistry, mirrorWriter, mirrorWriterSocket } from "../../tools/sandbox/registries";
import { readState } from "../../tools/sandbox/state";
import type { Lab } from "./lab";

/** Path of Debian's Python, whose files the stand-in for the image `python` gets. */
const python = "/usr/bin/python3";

/**
 * Gives the sandbox's mirror the images `node:24` and `python:3`: busybox with this machine's
 * interpreters and their shared libraries. Where Docker Hub can be reached, its images are used.
 *
 * @returns why an image cannot be made; undefined on success
 */
export async function pushInterpreters({ sandboxOptions }: Lab): Promise<string | undefined> {
    const places = placesOf(sandboxOptions.dataDir);
    const state = readState(places);
    if (state === undefined || state.reachesDockerHub) return undefined;
    if (!existsSync(python)) return `this machine has no ${python}; install Debian's python3`;
    const { busybox, caBundle, registry } = sandboxOptions.tools;
    const folder = mkdtempSync(join(tmpdir(), "hb-interpreters-"));
    // Two registries on one storage would not see each other.
    await stopDaemon(places, "mirror");
    await ensureDaemon(places, mirrorWriter(places, state, registry));
    const pusher = new Pusher(mirrorWriterSocket(places));
    try {
        const base = await writeLayer(userland(busybox, caBundle), join(folder, "base"));
        const images = {
            node: { tags: ["24"], entries: programEntries(process.execPath, "usr/local/bin/node") },
            python: { tags: ["3"], entries: pythonEntries() },
        };
        for (const [name, { tags, entries }] of Object.entries(images)) {
            const layers = [base, await writeLayer(entries, join(folder, name))];
            const config = { Env: [userlandPath], WorkingDir: "/" };
            await pusher.push({ repository: `library/${name}`, tags, layers, config });
        }
    } finally {
        pusher.close();
        await stopDaemon(places, "mirror-writer");
        await ensureDaemon(places, mirrorRegistry(places, state, registry));
        rmSync(folder, { recursive: true, force: true });
    }
    return undefined;
}

/** A program and the shared libraries that it loads, each where the program looks for it. */
function* programEntries(program: string, path: string): Generator<Entry> {
    const listed = execFileSync("ldd", [program], { encoding: "utf8" });
    const libraries = new Set(
        [...listed.matchAll(/(?:=> )?(\/\S+) \(/g)].map(([, file = ""]) => file),
    );
    for (const library of libraries) {
        const target = library.slice(1);
        const parts = target.split("/");
        for (let count = 1; count < parts.length; count++) {
            yield { kind: "folder", path: parts.slice(0, count).join("/"), mode: 0o755 };
        }
        yield { kind: "file", path: target, mode: 0o755, content: { file: realpathSync(library) } };
    }
    yield { kind: "file", path, mode: 0o755, content: { file: realpathSync(program) } };
}

function* pythonEntries(): Generator<Entry> {
    yield* programEntries(python, "usr/bin/python3");
    const script = "import os; print(os.path.realpath(os.path.dirname(os.__file__)))";
    const library = execFileSync(python, ["-c", script], { encoding: "utf8" }).trim();
    for (const entry of folderEntries(library, library.slice(1))) {
        // Python compiles modules when it needs them; tests and compiled files only take time.
        if (!/\/(__pycache__|test)(\/|$)/.test(entry.path)) yield entry;
    }
}
