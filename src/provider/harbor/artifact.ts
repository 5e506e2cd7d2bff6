import type { HarborClient } from "../../harbor/client";
import { type Json, number, object, objects, requiredText, text } from "../../harbor/json";
import { repositoryPath } from "./repository";

/** Summary of a scan. */
export interface ScanOverview {
    /** Such as `Success`, `Running` or `Error`. */
    readonly status: string;
    /** The worst severity, such as `High`. */
    readonly severity: string;
}

/** A vulnerability that a scanner found. */
export interface Vulnerability {
    readonly id: string;
    readonly severity: string;
}

/** An artifact in a repository. */
export interface Artifact {
    readonly digest: string;
    /** Harbor's type, such as `IMAGE` or `UNKNOWN`. */
    readonly type: string;
    readonly mediaType: string;
    /** Size in bytes, including the layers. */
    readonly size: number;
    /** RFC 3339. */
    readonly pushTime: string;
    readonly pullTime: string | undefined;
    readonly tags: readonly string[];
    /** Types of accessories, such as `signature.cosign`. */
    readonly accessories: readonly string[];
    /** Whether the project's scanner can scan it. */
    readonly scannable: boolean;
    readonly scan: ScanOverview | undefined;
}

/** Reads an artifact by tag or digest; undefined when the artifact, repository or project is missing. */
export async function getArtifact(
    client: HarborClient,
    project: string,
    repository: string,
    reference: string,
): Promise<Artifact | undefined> {
    const found = await client.find(artifactPath(project, repository, reference), "artifact", {
        with_tag: true,
        with_scan_overview: true,
        with_accessory: true,
    });
    return found && parseArtifact(found);
}

/** The vulnerabilities that the scanner found in an artifact. */
export async function listVulnerabilities(
    client: HarborClient,
    project: string,
    repository: string,
    reference: string,
): Promise<Vulnerability[]> {
    const path = `${artifactPath(project, repository, reference)}/additions/vulnerabilities`;
    const { body } = await client.get(path);
    const reports = body === undefined ? {} : object(body, "vulnerability reports");
    return Object.entries(reports).flatMap(([type, report]) =>
        objects(object(report, type)["vulnerabilities"], "vulnerabilities").map((item) => ({
            id: requiredText(item, "id"),
            severity: text(item, "severity") ?? "",
        })),
    );
}

function artifactPath(project: string, repository: string, reference: string): string {
    return `${repositoryPath(project, repository)}/artifacts/${encodeURIComponent(reference)}`;
}

function parseArtifact(json: Json): Artifact {
    const links = json["addition_links"] ? object(json["addition_links"], "addition_links") : {};
    const pulled = text(json, "pull_time");
    return {
        digest: requiredText(json, "digest"),
        type: text(json, "type") ?? "",
        mediaType: text(json, "manifest_media_type") ?? "",
        size: number(json, "size") ?? 0,
        pushTime: text(json, "push_time") ?? "",
        // Harbor returns the year 1 for never.
        pullTime: pulled?.startsWith("0001-") ? undefined : pulled,
        tags: objects(json["tags"], "tags").map((tag) => requiredText(tag, "name")),
        accessories: objects(json["accessories"], "accessories").map(
            (item) => text(item, "type") ?? "",
        ),
        scannable: links["vulnerabilities"] !== undefined,
        scan: parseScan(json["scan_overview"]),
    };
}

// One report, by its MIME type; Harbor returns the report that it uses.
function parseScan(value: unknown): ScanOverview | undefined {
    if (value === undefined || value === null) return undefined;
    const [report] = Object.values(object(value, "scan_overview"));
    if (report === undefined || report === null) return undefined;
    const overview = object(report, "scan_overview report");
    return {
        status: text(overview, "scan_status") ?? "",
        severity: text(overview, "severity") ?? "",
    };
}
