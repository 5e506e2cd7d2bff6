import type { Api, Call, Reply } from "./core/api";
import { badRequest, denied, notFound } from "./core/fault";
import { int64, map, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type Quota, zeroTime } from "./core/model";
import { requireSystem } from "./core/policy";
import type { Store } from "./core/store";

export const unlimited = -1;
/** 1024 TB, Harbor's largest limit. */
const limitBytesMax = 1_125_899_906_842_624;

export function checkLimit(bytes: number, prefix = ""): void {
    if (bytes <= 0 && bytes !== unlimited) {
        throw badRequest(`${prefix}invalid non-positive value for quota limit, value=${bytes}`);
    }
    if (bytes > limitBytesMax) {
        throw badRequest(
            `${prefix}exceeded 1024TB, which is ${limitBytesMax} Bytes, value=${bytes}`,
        );
    }
}

export function createQuota(store: Store, projectId: number, hardBytes: number, at: string): void {
    const id = store.nextId("quotas");
    store.of("quotas").put({ id, projectId, hardBytes, usedBytes: 0, created: at, updated: at });
}

export const quotaOf = (store: Store, projectId: number): Quota | undefined =>
    store.of("quotas").find((quota) => quota.projectId === projectId);

/** A size in the format of Harbor's quota messages: `428 B`, `700.0 KiB`, `1.5 MiB`. */
export function sizeText(bytes: number): string {
    const units = ["KiB", "MiB", "GiB", "TiB"];
    if (bytes < 1024) {
        return `${bytes} B`;
    }
    let value = bytes / 1024;
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit += 1;
    }
    return `${value.toFixed(1)} ${units[unit]}`;
}

/** Refuses when so many more bytes exceed the project's quota. */
export function requireRoom(store: Store, projectId: number, bytes: number): void {
    const quota = quotaOf(store, projectId);
    if (quota === undefined || quota.hardBytes === unlimited || bytes === 0) {
        return;
    }
    if (quota.usedBytes + bytes > quota.hardBytes) {
        throw denied(
            `adding ${sizeText(bytes)} of storage resource, which when updated to current usage of ` +
                `${sizeText(quota.usedBytes)} will exceed the configured upper limit of ${sizeText(quota.hardBytes)}.`,
        );
    }
}

/** Recounts a project's blobs. */
export function refreshUsage(store: Store, projectId: number): void {
    const quota = quotaOf(store, projectId);
    if (quota === undefined) {
        return;
    }
    let usedBytes = 0;
    for (const { digest } of store.of("projectBlobs").filter((b) => b.projectId === projectId)) {
        usedBytes += store.of("blobs").get(digest)?.size ?? 0;
    }
    if (usedBytes !== quota.usedBytes) {
        store.of("quotas").update(quota.id, { usedBytes, updated: now() });
    }
}

function view(call: Call, quota: Quota, updated: string): object {
    const { store } = call.services;
    const project = store.of("projects").get(quota.projectId);
    const owner = store.of("users").get(project?.ownerId ?? 0);
    return {
        creation_time: quota.created,
        hard: { storage: quota.hardBytes },
        id: quota.id,
        ref: {
            id: quota.projectId,
            name: project?.name ?? "",
            owner_name: owner?.sysadmin === false ? owner.username : "",
        },
        update_time: updated,
        used: { storage: quota.usedBytes },
    };
}

const fields: Searchable<Quota> = {
    id: (quota) => quota.id,
    creation_time: (quota) => quota.created,
    update_time: (quota) => quota.updated,
    "used.storage": (quota) => quota.usedBytes,
    "hard.storage": (quota) => quota.hardBytes,
    reference_id: (quota) => quota.projectId,
};

function listQuotas(call: Call): Reply {
    requireSystem(call.account, "quota", "list");
    const referenceId = call.query("reference_id");
    const reference = call.query("reference");
    let found = search(call.services.store.of("quotas").values(), parseQ(call.query("q")), fields);
    if (referenceId !== null) {
        found = found.filter((quota) => String(quota.projectId) === referenceId);
    }
    if (reference !== null && reference !== "project") {
        found = [];
    }
    return call.page(order(found, call.query("sort"), fields, "-id"), (quota) =>
        view(call, quota, quota.updated),
    );
}

function find(call: Call, action: string): Quota {
    requireSystem(call.account, "quota", action);
    const id = call.number("id");
    const quota = call.services.store.of("quotas").get(id);
    if (quota === undefined) {
        throw notFound(`quota ${id} not found`);
    }
    return quota;
}

const updateShape = struct("QuotaUpdateReq", { hard: map(int64) });

function update(call: Call): Reply {
    const { hard } = call.body("hard", updateShape);
    const quota = find(call, "update");
    const entries = Object.entries(hard ?? {});
    if (entries.length === 0) {
        throw badRequest("hard required in body");
    }
    for (const [resource, value] of entries) {
        if (resource !== "storage") {
            throw badRequest(`resource ${resource} not support`);
        }
        checkLimit(value);
    }
    const hardBytes = hard?.["storage"] ?? quota.hardBytes;
    call.services.store.of("quotas").update(quota.id, { hardBytes, updated: now() });
    return {};
}

export function quotaRoutes(api: Api): void {
    api.on("GET", "/quotas", listQuotas);
    // Unlike in the list, Harbor shows no update time here.
    api.on("GET", "/quotas/:id", (call) => ({ json: view(call, find(call, "read"), zeroTime) }));
    api.on("PUT", "/quotas/:id", update);
}
