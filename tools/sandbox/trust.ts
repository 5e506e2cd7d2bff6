import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./files";
import type { Places } from "./places";

/** PEM bundles of the certificate authorities that the parts of one run trust. */
export interface TrustBundles {
    /** The machine's authorities and the given ones. Base images carry this bundle. */
    readonly forBuilds: string;
    /**
     * The authorities of `forBuilds` and the sandbox's own. BuildKit, Pulumi and its plugins trust
     * this bundle.
     */
    readonly forClients: string;
}

/** Where the authorities come from; all are paths of PEM files. */
export interface AuthoritySources {
    readonly machine: string;
    readonly given: readonly string[];
    /** The sandbox's own authority. Builds never ask its Harbor, and it differs between clones. */
    readonly own?: string | undefined;
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, without comments, in a normalized form. */
export function certificatesOf(pem: string): string[] {
    return (pem.match(certificate) ?? []).map((block) => block.replaceAll(/[ \t\r]+$/gm, ""));
}

/** Path of the bundle for clients; the file may not exist yet. */
export const clientBundle = (places: Places): string => join(places.trust, "clients.pem");

/** Writes the bundles of a sandbox: the only place that decides who trusts which authority. */
export function writeTrust(places: Places, sources: AuthoritySources): TrustBundles {
    mkdirSync(places.trust, { recursive: true, mode: 0o700 });
    const builds = withAuthorities(readFileSync(sources.machine, "utf8"), sources.given);
    const clients = withAuthorities(builds, sources.own === undefined ? [] : [sources.own]);
    const forBuilds = join(places.trust, "builds.pem");
    writeAtomically(forBuilds, builds);
    writeAtomically(clientBundle(places), clients);
    return { forBuilds, forClients: clientBundle(places) };
}

/**
 * Adds to a bundle the certificates that it lacks. A bundle that lacks none stays unchanged:
 * another text would change the base images, and every build would start cold.
 */
function withAuthorities(bundle: string, files: readonly string[]): string {
    const known = new Set(certificatesOf(bundle));
    const more = new Set(files.flatMap((file) => certificatesOf(readFileSync(file, "utf8"))));
    const lacking = [...more].filter((block) => !known.has(block));
    return lacking.length === 0 ? bundle : `${[bundle.trimEnd(), ...lacking].join("\n")}\n`;
}
