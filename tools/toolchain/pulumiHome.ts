import { mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { programPins } from "./pins";
import type { Tools } from "./toolset";

/**
 * Installs the docker-build plugin in a Pulumi home, as links to its files. The engine writes lock
 * files next to plugins, and must not write into the cache.
 *
 * @param pulumiHome Folder that PULUMI_HOME will name.
 */
export async function installPlugins(
    { pulumiPlugins }: Pick<Tools, "pulumiPlugins">,
    pulumiHome: string,
): Promise<void> {
    const plugin = `resource-docker-build-v${programPins("docker-build").version}`;
    await linkFiles(join(pulumiPlugins, plugin), join(pulumiHome, "plugins", plugin));
}

/** Links each file, because the engine skips a plugin folder that is a link. */
async function linkFiles(source: string, target: string): Promise<void> {
    await mkdir(target, { recursive: true });
    for (const file of await readdir(source, { withFileTypes: true })) {
        if (!file.isFile()) {
            continue;
        }
        const [from, to] = [join(source, file.name), join(target, file.name)];
        if ((await readlink(to).catch(() => undefined)) !== from) {
            const fresh = `${to}.${process.pid}`;
            await rm(fresh, { force: true });
            await symlink(from, fresh);
            await rename(fresh, to);
        }
    }
}
