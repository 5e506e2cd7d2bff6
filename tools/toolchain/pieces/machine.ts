import { access, constants, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { rootCertificates } from "node:tls";
import { cacheRoot } from "../cache/store";
import type { Piece } from "../piece";
import { nodePins } from "../pins";
import { reaches } from "../version";

/** Where systems keep the trusted certificate authorities. */
const bundles = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/** The running Node.js, which the bootstrap found or fetched. */
export const node: Piece = {
    name: "node",
    title: "Node.js",
    version: nodePins.version,
    origin: async () => "the npm registry",
    provides: ["node"],
    findOnMachine: async () =>
        reaches(process.versions.node, String(nodePins.minimumMajor))
            ? { version: process.versions.node, tools: { node: process.execPath } }
            : undefined,
    determinants: async () => nodePins.version,
    obstacle: async () =>
        `this is Node.js ${process.versions.node}; harbor-build needs ${nodePins.minimumMajor} or ` +
        "newer. Start through `npm run`, which fetches a newer Node.js",
    build: async () => {},
    toolsIn: (folder) => ({ node: join(folder, "bin", "node") }),
};

/** The machine's certificate authorities, or those of Node.js when the machine has none. */
export const caBundle: Piece = {
    name: "ca-bundle",
    title: "certificate authorities",
    version: process.versions.node,
    origin: async () => "Node.js",
    provides: ["caBundle"],
    findOnMachine: async () => {
        for (const path of bundles) {
            if (await isReadable(path)) {
                return { version: "of the system", tools: { caBundle: path } };
            }
        }
        return undefined;
    },
    determinants: async () => rootCertificates,
    obstacle: async () => undefined,
    build: ({ folder }) => writeFile(join(folder, "ca.pem"), `${rootCertificates.join("\n")}\n`),
    toolsIn: (folder) => ({ caBundle: join(folder, "ca.pem") }),
};

/** Whether a path is in the toolchain's cache. */
export function isCached(path: string): boolean {
    return path.startsWith(cacheRoot() + sep);
}

async function isReadable(path: string): Promise<boolean> {
    try {
        await access(path, constants.R_OK);
        return true;
    } catch {
        return false;
    }
}
