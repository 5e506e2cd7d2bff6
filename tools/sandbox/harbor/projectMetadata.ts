import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict } from "./core/fault";
import { map, string } from "./core/goJson";
import { projectFor } from "./projectAccess";

type Metadata = Readonly<Record<string, string>>;
type Given = Readonly<Record<string, string | undefined>>;

/** Keys that only proxy-cache projects store. */
const proxyOnly = new Set([
    "proxy_speed_kb",
    "max_upstream_conn",
    "proxy_cache_local_on_not_found",
]);
const known = new Set([
    "public",
    "enable_content_trust",
    "enable_content_trust_cosign",
    "prevent_vul",
    "severity",
    "auto_scan",
    "auto_sbom_generation",
    "reuse_sys_cve_allowlist",
    "retention_id",
    "proxy_speed_kb",
    "max_upstream_conn",
    "proxy_cache_local_on_not_found",
]);
const severities = new Set(["none", "low", "medium", "high", "critical"]);

function kept(given: Given, isProxy: boolean): Metadata {
    const entries = Object.entries(given).filter(
        (entry): entry is [string, string] =>
            entry[1] !== undefined && (isProxy || !proxyOnly.has(entry[0])),
    );
    return Object.fromEntries(entries);
}

/** The metadata of a new project. Only `public` is checked, and only here. */
export function newMetadata(
    given: Given,
    legacyPublic: boolean | undefined,
    isProxy: boolean,
): Metadata {
    if ((given["retention_id"] ?? "") !== "") {
        throw badRequest(
            "bad request: the retention_id in the request's payload when creating a project should be omitted, alternatively passing an empty string",
        );
    }
    const shown = given["public"];
    if (shown !== undefined && shown !== "true" && shown !== "false") {
        throw badRequest(`metadata.public should only be 'true' or 'false', but got: '${shown}'`);
    }
    if (isProxy) {
        checkNumber(given, "proxy_speed_kb", "by an int32, but got:");
        checkNumber(given, "max_upstream_conn", "be an int, but got");
    }
    const fallback = legacyPublic === true ? "true" : "false";
    const metadata: Record<string, string> = { ...kept(given, isProxy), public: shown ?? fallback };
    delete metadata["retention_id"];
    return metadata;
}

function checkNumber(given: Given, key: string, words: string): void {
    const value = given[key] ?? "0";
    if (!/^[+-]?\d+$/.test(value)) {
        const reason = `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`;
        throw badRequest(`metadata.${key} should ${words} '${value}', err: ${reason}`);
    }
}

/** An update replaces the given keys; other keys stay. */
export function mergeMetadata(
    before: Metadata,
    given: Given,
    registryId: number | undefined,
): Metadata {
    const retention = given["retention_id"] ?? "";
    if (retention !== "" && retention !== before["retention_id"]) {
        throw badRequest(
            "the retention_id in the request's payload when updating a project should be omitted, alternatively passing the one that has already been associated to this project",
        );
    }
    return { ...before, ...kept({ ...given, retention_id: undefined }, registryId !== undefined) };
}

/** Metadata as projects show it: an unknown severity becomes "unknown". */
export function shownMetadata(metadata: Metadata): Metadata {
    const severity = metadata["severity"];
    if (severity === undefined) {
        return metadata;
    }
    const lower = severity.toLowerCase();
    return { ...metadata, severity: severities.has(lower) ? lower : "unknown" };
}

function onePair(call: Call): [string, string] {
    const entries = Object.entries(call.body("metadata", map(string())));
    const [first] = entries;
    if (entries.length !== 1 || first === undefined) {
        throw badRequest("only allow one key/value pair");
    }
    return first;
}

function add(call: Call): Reply {
    const [key, value] = onePair(call);
    const project = projectFor(call, "metadata", "create");
    if (project.metadata[key] !== undefined) {
        throw conflict(`metadata ${key} already exists for project ${project.id}`);
    }
    checkPair(key, value);
    const metadata = { ...project.metadata, [key]: value };
    call.services.store.of("projects").update(project.id, { metadata });
    return {};
}

function checkPair(key: string, value: string): void {
    if (!known.has(key)) {
        throw badRequest(`invalid key: ${key}`);
    }
    const isFlag = key !== "severity" && key !== "retention_id" && !proxyOnly.has(key);
    if (isFlag && !["true", "false", "1", "0", "t", "f"].includes(value.toLowerCase())) {
        throw badRequest(`invalid value: ${value}`);
    }
}

function replace(call: Call): Reply {
    const body = call.body("metadata", map(string()));
    const project = projectFor(call, "metadata", "update");
    const key = call.param("meta_name");
    const value = body[key] ?? "";
    checkPair(key, value);
    const metadata = { ...project.metadata, [key]: value };
    call.services.store.of("projects").update(project.id, { metadata });
    return {};
}

function remove(call: Call): Reply {
    const project = projectFor(call, "metadata", "delete");
    const metadata = { ...project.metadata };
    delete metadata[call.param("meta_name")];
    call.services.store.of("projects").update(project.id, { metadata });
    return {};
}

export function metadataRoutes(api: Api): void {
    const all = "/projects/:project_name_or_id/metadatas";
    api.on("GET", all, (call) => ({ json: projectFor(call, "metadata", "list").metadata }));
    api.on("POST", all, add);
    api.on("GET", `${all}/:meta_name`, (call) => {
        const key = call.param("meta_name");
        const value = projectFor(call, "metadata", "read").metadata[key];
        return { json: value === undefined ? {} : { [key]: value } };
    });
    api.on("PUT", `${all}/:meta_name`, replace);
    api.on("DELETE", `${all}/:meta_name`, remove);
}
