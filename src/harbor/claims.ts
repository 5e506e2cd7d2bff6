import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** What a run needs in Harbor, so that no delete of the same run may remove it. */
export type Claim =
    /** A resource of the program manages the object with this id. */
    | {
          readonly urn: string;
          readonly type: string;
          readonly id: string;
          readonly host: string;
          /** Whether the run created or imported it, so that it is not the one that a replacement deletes. */
          readonly isNew: boolean;
      }
    /** A component of the program uses the project without managing it. */
    | { readonly user: string; readonly project: string };

const hourMs = 60 * 60 * 1000;
/** Age at which the file of a run is deleted. */
const fileAgeMaxMs = 24 * hourMs;
/**
 * Time between a claim and the start of a process of the same run that heeds the claim. Pulumi starts
 * a provider when it first needs one: for a delete, possibly at the end of a run with long builds. Too
 * short a time would delete images in use; too long a time keeps a project, with a warning.
 */
const lateStartMaxMs = 6 * hourMs;

interface Line {
    /** Time of the claim, in milliseconds since 1970. */
    readonly at: number;
    readonly claim: Claim;
}

/**
 * The claims of one run. The program and each provider instance are processes of their own, and Pulumi
 * gives them no channel to each other, so they share a file that is named after the address of their
 * engine (docs/adr/0017). Without the file, a process still knows its own claims. Without an engine
 * there are none: a provider that runs in a debugger serves one run after the other. Engines use the port of
 * an earlier run again, so old claims do not count.
 */
export class Claims {
    private readonly own: Claim[] = [];
    private readonly file: string | undefined;
    private readonly oldest: number;

    /**
     * @param engine address of the engine, `127.0.0.1:41234`
     * @param started when this process started, in milliseconds since 1970
     */
    constructor(engine: string | undefined, started = performance.timeOrigin) {
        this.oldest = started - lateStartMaxMs;
        const port = /:(\d+)$/.exec(engine ?? "")?.[1];
        this.file = port && join(folder(), `${port}.jsonl`);
    }

    add(claim: Claim): void {
        if (this.file === undefined) return;
        this.own.push(claim);
        try {
            if (this.own.length === 1) prepareFolder();
            const line: Line = { at: Date.now(), claim };
            appendFileSync(this.file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
        } catch {
            // A claim that cannot be shared still protects within this process.
        }
    }

    /** All claims of the run so far. */
    all(): readonly Claim[] {
        return [...this.own, ...this.shared()];
    }

    private shared(): readonly Claim[] {
        if (this.file === undefined) return [];
        try {
            if (!isOwn(folder())) return [];
            const complete = readFileSync(this.file, "utf8").split("\n").slice(0, -1);
            // Only `add` writes the file. Another process may be writing the last line.
            const lines = complete.map((line) => JSON.parse(line) as Line);
            return lines.filter(({ at }) => at >= this.oldest).map(({ claim }) => claim);
        } catch {
            return [];
        }
    }
}

function folder(): string {
    return join(tmpdir(), `harbor-build-runs-${process.getuid?.() ?? userInfo().username}`);
}

/** Creates the folder, and deletes the files of earlier runs: ports of engines are used again. */
function prepareFolder(): void {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    if (!isOwn(folder())) throw new Error(`${folder()} belongs to another user`);
    for (const name of readdirSync(folder())) {
        const path = join(folder(), name);
        if (isOld(path)) rmSync(path, { force: true });
    }
}

function isOld(path: string): boolean {
    return Date.now() - lstatSync(path).mtimeMs > fileAgeMaxMs;
}

/** Whether a folder is this user's alone: in a shared one, other users could add claims. */
function isOwn(path: string): boolean {
    const stats = lstatSync(path);
    return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
}
