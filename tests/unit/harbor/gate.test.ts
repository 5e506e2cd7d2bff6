import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Project } from "../../../src/harbor/project";
import type { Artifact } from "../../../src/provider/harbor/artifact";
import { blockedBecause, needsVulnerabilities } from "../../../src/provider/harbor/gate";

const open: Project = {
    id: 1,
    name: "shop",
    public: false,
    registryId: undefined,
    autoScan: true,
    autoSbomGeneration: false,
    enableContentTrust: false,
    enableContentTrustCosign: false,
    preventVulnerable: false,
    severity: undefined,
    reuseSystemCveAllowlist: true,
    cveAllowlist: [],
    proxySpeedKb: undefined,
    proxyCacheLocalOnNotFound: false,
    repositoryCount: 1,
    createdMs: 0,
};
const gated: Project = { ...open, preventVulnerable: true, severity: "high" };
const image: Artifact = {
    digest: "sha256:1",
    type: "IMAGE",
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    size: 1,
    pushTime: "2026-11-24T07:17:06.689Z",
    pullTime: undefined,
    tags: ["v1"],
    accessories: [],
    scannable: true,
    scan: { status: "Success", severity: "Critical" },
};
const none = { vulnerabilities: [], allowlist: [] };

describe("decides whether Harbor lets clients pull an artifact", () => {
    test("allows every pull in a project without gates", () => {
        assert.equal(blockedBecause({ project: open, artifact: image, ...none }), undefined);
    });

    test("blocks an image that was not scanned when the scan counts", () => {
        const artifact = { ...image, scan: undefined };
        assert.equal(
            blockedBecause({ project: gated, artifact, ...none }),
            'no scan report (not scanned), and project "shop" allows only pulls of scanned images',
        );
    });

    test("allows artifacts that no scanner can scan, such as caches", () => {
        const artifact = { ...image, type: "UNKNOWN", scannable: false, scan: undefined };
        assert.equal(blockedBecause({ project: gated, artifact, ...none }), undefined);
    });

    test("ignores vulnerabilities below the threshold", () => {
        const artifact = { ...image, scan: { status: "Success", severity: "Medium" } };
        assert.equal(needsVulnerabilities(gated, artifact), false);
        assert.equal(blockedBecause({ project: gated, artifact, ...none }), undefined);
    });

    test("names the first three vulnerabilities at the threshold or above", () => {
        assert.equal(needsVulnerabilities(gated, image), true);
        const vulnerabilities = ["CVE-1", "CVE-2", "CVE-3", "CVE-4"].map((id) => ({
            id,
            severity: "High",
        }));
        assert.equal(
            blockedBecause({ project: gated, artifact: image, vulnerabilities, allowlist: [] }),
            'vulnerabilities of severity "high" or above: CVE-1, CVE-2, CVE-3 and 1 more',
        );
    });

    test("ignores vulnerabilities on the allow-list", () => {
        const vulnerabilities = [
            { id: "CVE-1", severity: "Critical" },
            { id: "CVE-2", severity: "Low" },
        ];
        const allowlist = ["CVE-1"];
        const facts = { project: gated, artifact: image, vulnerabilities, allowlist };
        assert.equal(blockedBecause(facts), undefined);
    });

    test("blocks an image without the required signature", () => {
        const project = { ...open, enableContentTrustCosign: true };
        assert.equal(
            blockedBecause({ project, artifact: image, ...none }),
            'not signed with Cosign, which project "shop" requires',
        );
        const signed = { ...image, accessories: ["signature.cosign"] };
        assert.equal(blockedBecause({ project, artifact: signed, ...none }), undefined);
    });
});
