import { boolean, int64, list, string, struct } from "./core/goJson";

const metadataShape = struct("ProjectMetadata", {
    public: string(),
    enable_content_trust: string(),
    enable_content_trust_cosign: string(),
    prevent_vul: string(),
    severity: string(),
    auto_scan: string(),
    auto_sbom_generation: string(),
    reuse_sys_cve_allowlist: string(),
    retention_id: string(),
    proxy_speed_kb: string(),
    max_upstream_conn: string(),
    proxy_cache_local_on_not_found: string(),
});

export const allowlistShape = struct("CVEAllowlist", {
    items: list(struct("CVEAllowlistItem", { cve_id: string() })),
    expires_at: int64,
});

export const projectShape = struct("ProjectReq", {
    project_name: string({ maxLength: 255 }),
    public: boolean,
    metadata: metadataShape,
    cve_allowlist: allowlistShape,
    storage_limit: int64,
    registry_id: int64,
});
