import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificates } from "../../tools/sandbox/certificates";
import { atEnd } from "./atEnd";

/** One BuildKit of a builder. */
interface Node {
    readonly endpoint: string;
    /** @default the platforms that the BuildKit reports */
    readonly platform?: "amd64" | "arm64";
    /** Certificates of a BuildKit with mutual TLS. @default none */
    readonly certificates?: Certificates;
}

/**
 * Writes a Docker configuration with builders of the driver `remote`, as `docker buildx create`
 * writes them; it goes at the end of the test file.
 *
 * @returns the variable that names the configuration
 */
export async function writeBuilders(
    builders: Readonly<Record<string, readonly Node[]>>,
): Promise<{ readonly DOCKER_CONFIG: string }> {
    const folder = await mkdtemp(join(tmpdir(), "hb-builders-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const instances = join(folder, "buildx", "instances");
    await mkdir(instances, { recursive: true });
    for (const [name, nodes] of Object.entries(builders)) {
        const instance = {
            Name: name,
            Driver: "remote",
            Nodes: nodes.map(({ endpoint, platform, certificates }, at) => ({
                Name: `${name}${at}`,
                Endpoint: endpoint,
                ...(certificates && { DriverOpts: driverOptions(certificates) }),
                ...(platform && { Platforms: [{ os: "linux", architecture: platform }] }),
            })),
            Dynamic: false,
        };
        await writeFile(join(instances, name), JSON.stringify(instance));
    }
    return { DOCKER_CONFIG: folder };
}

const driverOptions = ({ caFile, certificateFile, keyFile }: Certificates) => ({
    cacert: caFile,
    cert: certificateFile,
    key: keyFile,
});
