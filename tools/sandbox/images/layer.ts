import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Header, type Pack, pack } from "tar-stream";

/** One entry of a layer. Paths have no leading slash; folders come before their contents. */
export type Entry =
    | { readonly kind: "folder"; readonly path: string; readonly mode: number }
    | { readonly kind: "link"; readonly path: string; readonly target: string }
    | {
          readonly kind: "file";
          readonly path: string;
          readonly mode: number;
          readonly content: string | { readonly file: string };
      };

/** A finished layer: the file with its compressed bytes, and its digests. */
export interface Layer {
    readonly file: string;
    readonly digest: string;
    readonly diffId: string;
    readonly size: number;
}

type Head = Partial<Header> & Pick<Header, "name">;

/** Time of every file, so that the same content has the same digest everywhere. */
const modified = new Date("2020-01-01T00:00:00Z");
/** Fast instead of small: the layers never leave the machine. */
const compressionLevel = 1;

/** The contents of a folder on this machine as entries below `path`, ordered by name. */
export function* folderEntries(folder: string, path: string): Generator<Entry> {
    yield { kind: "folder", path, mode: 0o755 };
    for (const name of readdirSync(folder).sort()) {
        const source = join(folder, name);
        const target = `${path}/${name}`;
        const found = lstatSync(source);
        if (found.isDirectory()) {
            yield* folderEntries(source, target);
        } else if (found.isSymbolicLink()) {
            yield { kind: "link", path: target, target: readlinkSync(source) };
        } else if (found.isFile()) {
            const mode = (found.mode & 0o111) === 0 ? 0o644 : 0o755;
            yield { kind: "file", path: target, mode, content: { file: source } };
        }
    }
}

async function add(archive: Pack, entry: Entry): Promise<void> {
    const common = { name: entry.path, mtime: modified, uid: 0, gid: 0 };
    switch (entry.kind) {
        case "folder":
            return put(archive, { ...common, type: "directory", mode: entry.mode });
        case "link":
            return put(archive, {
                ...common,
                type: "symlink",
                mode: 0o777,
                linkname: entry.target,
            });
        case "file":
            if (typeof entry.content === "string") {
                return put(archive, { ...common, mode: entry.mode }, entry.content);
            }
            return stream(archive, { ...common, mode: entry.mode }, entry.content.file);
    }
}

function put(archive: Pack, headers: Head, content?: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const done = (error?: Error | null): void => (error ? reject(error) : resolve());
        if (content === undefined) {
            archive.entry(headers, done);
        } else {
            archive.entry(headers, content, done);
        }
    });
}

async function stream(archive: Pack, headers: Head, file: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        const { size } = lstatSync(file);
        const sink = archive.entry({ ...headers, size }, (error) =>
            error ? reject(error) : resolve(),
        );
        const source = createReadStream(file);
        source.on("error", reject);
        source.pipe(sink);
    });
}

function meter(
    hash: { update(chunk: Buffer): unknown },
    count: (bytes: number) => void,
): Transform {
    return new Transform({
        transform(chunk: Buffer, _encoding, done): void {
            hash.update(chunk);
            count(chunk.length);
            done(null, chunk);
        },
    });
}

/** Writes a gzip layer of these entries to `file`. */
export async function writeLayer(entries: Iterable<Entry>, file: string): Promise<Layer> {
    const archive = pack();
    const plain = createHash("sha256");
    const compressed = createHash("sha256");
    let size = 0;
    const fill = async (): Promise<void> => {
        for (const entry of entries) {
            await add(archive, entry);
        }
        archive.finalize();
    };
    const body = new PassThrough();
    archive.pipe(body);
    await Promise.all([
        fill(),
        pipeline(
            body,
            meter(plain, () => undefined),
            createGzip({ level: compressionLevel }),
            meter(compressed, (bytes) => {
                size += bytes;
            }),
            createWriteStream(file),
        ),
    ]);
    const digest = `sha256:${compressed.digest("hex")}`;
    return { file, digest, diffId: `sha256:${plain.digest("hex")}`, size };
}
