import { type Project, severities } from "../../harbor/project";
import type { Artifact, Vulnerability } from "./artifact";

/** The inputs that decide whether Harbor lets clients pull an artifact. */
export interface GateFacts {
    readonly project: Project;
    readonly artifact: Artifact;
    /** The scanner's findings; required only when {@link needsVulnerabilities} returns true. */
    readonly vulnerabilities: readonly Vulnerability[];
    /** Ignored CVE ids: the project's list, or the system's. */
    readonly allowlist: readonly string[];
}

/**
 * Whether the decision needs single vulnerabilities, because the worst one may be on the
 * allow-list.
 */
export function needsVulnerabilities(project: Project, artifact: Artifact): boolean {
    return (
        project.preventVulnerable &&
        artifact.scannable &&
        artifact.scan?.status === "Success" &&
        rank(artifact.scan.severity) >= rank(project.severity ?? "")
    );
}

/**
 * Why Harbor refuses a pull of an artifact with 412; undefined when Harbor allows the pull. Follows
 * Harbor's middlewares `contenttrust` and `vulnerable` (src/server/middleware, version 2.15.2).
 */
export function blockedBecause(facts: GateFacts): string | undefined {
    const { project, artifact } = facts;
    for (const [demanded, signature, name] of [
        [project.enableContentTrustCosign, "signature.cosign", "Cosign"],
        [project.enableContentTrust, "signature.notation", "Notation"],
    ] as const) {
        if (demanded && !artifact.accessories.includes(signature)) {
            return `not signed with ${name}, which project "${project.name}" requires`;
        }
    }
    return project.preventVulnerable && artifact.scannable ? vulnerable(facts) : undefined;
}

function vulnerable(facts: GateFacts): string | undefined {
    const { project, artifact, vulnerabilities, allowlist } = facts;
    if (artifact.scan?.status !== "Success") {
        const state = artifact.scan?.status || "not scanned";
        return `no scan report (${state}), and project "${project.name}" allows only pulls of scanned images`;
    }
    if (!needsVulnerabilities(project, artifact)) return undefined;
    const threshold = rank(project.severity ?? "");
    const bad = vulnerabilities.filter(
        ({ id, severity }) => rank(severity) >= threshold && !allowlist.includes(id),
    );
    if (bad.length === 0) return undefined;
    const some = bad.slice(0, 3).map(({ id }) => id);
    const more = bad.length > some.length ? ` and ${bad.length - some.length} more` : "";
    return `vulnerabilities of severity "${project.severity}" or above: ${some.join(", ")}${more}`;
}

function rank(severity: string): number {
    return severities.indexOf(severity.toLowerCase());
}
