import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { certificatesIn } from "./certificates";
import type { Daemon } from "./daemon";
import { daemonEnvironment } from "./environment";
import type { Places } from "./places";
import { accepts } from "./ports";
import { harborRegistrySocket } from "./registries";
import { Scheme, type State } from "./state";

/** Hash of the server's source: a change restarts the server. */
function sourceHash(folder: string): string {
    const hash = createHash("sha256");
    for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
        if (entry.endsWith(".ts")) {
            hash.update(readFileSync(join(folder, entry)));
        }
    }
    return hash.digest("hex");
}

/** The Harbor server as a separate process; `node` runs it with the TypeScript loader. */
export function harborDaemon(places: Places, state: State, node: string): Daemon {
    const loader = pathToFileURL(createRequire(__filename).resolve("tsx")).href;
    const main = join(__dirname, "harborMain.ts");
    const { certificateFile } = certificatesIn(places.certificates);
    const certificate =
        state.scheme === Scheme.Https && existsSync(certificateFile)
            ? readFileSync(certificateFile, "utf8")
            : "";
    return {
        name: "harbor",
        command: node,
        args: ["--import", loader, main, places.dataDir],
        environment: daemonEnvironment(),
        fingerprint: `${JSON.stringify(state)} ${certificate} ${sourceHash(join(__dirname, "harbor"))}`,
        isReady: () => accepts({ port: state.harborPort }),
    };
}

/** A killed registry leaves its socket file behind. */
export function clearRegistrySocket(places: Places): void {
    rmSync(harborRegistrySocket(places), { force: true });
}
