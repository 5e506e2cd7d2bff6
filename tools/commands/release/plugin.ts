import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";

/**
 * Platforms of the plugin's archives. The plugin is a script with `#!`, which Windows cannot start.
 */
const platforms = ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"];
const program = "pulumi-resource-harbor";

/**
 * Writes the plugin's archives, named as `pulumi plugin install` downloads them.
 *
 * @param file the bundled plugin
 * @returns the names of the archives
 */
export async function writePluginArchives(
    file: string,
    version: string,
    folder: string,
): Promise<readonly string[]> {
    const content = await readFile(file);
    const names = platforms.map((platform) => `${program}-v${version}-${platform}.tar.gz`);
    for (const name of names) {
        const archive = pack();
        const mtime = new Date(0); // The same plugin makes the same archive.
        archive.entry({ name: program, mode: 0o755, mtime }, content);
        archive.finalize();
        await pipeline(archive, createGzip(), createWriteStream(join(folder, name)));
    }
    return names;
}
