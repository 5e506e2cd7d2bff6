import { findArtifact } from "./artifacts";
import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, internal, notFound } from "./core/fault";
import { int64, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { type Label, now } from "./core/model";
import { requireSystem } from "./core/policy";
import { labelView } from "./labelView";
import { projectFor } from "./projectAccess";

const shape = struct("Label", {
    id: int64,
    name: string(),
    description: string(),
    color: string(),
    scope: string(),
    project_id: int64,
});
const nameMax = 128;
const colorMax = 16;

/** Project labels need rights in the project, global labels in the system. */
function requireLabel(call: Call, scope: string, projectId: number, action: string): void {
    const project = call.services.store.of("projects").get(projectId);
    if (scope === "p" && project !== undefined) {
        projectFor(call, "label", action, String(projectId));
    } else {
        requireSystem(call.account, "label", action);
    }
}

const sameName = (call: Call, name: string, scope: string, projectId: number): boolean =>
    call.services.store
        .of("labels")
        .find((l) => l.name === name && l.scope === scope && l.projectId === projectId) !==
    undefined;

function create(call: Call): Reply {
    const body = call.body("label", shape);
    const { name = "", description = "", color = "", scope = "", project_id = 0 } = body;
    if (scope !== "g" && scope !== "p") {
        throw badRequest("unsupported label scope");
    }
    const projectId = scope === "p" ? project_id : 0;
    requireLabel(call, scope, projectId, "create");
    const { store } = call.services;
    const id = store.nextId("labels");
    if (name.length > nameMax || color.length > colorMax) {
        throw internal();
    }
    if (sameName(call, name, scope, projectId)) {
        throw conflict(`label ${name} already exists`);
    }
    const at = now();
    const times = { created: at, updated: at };
    store.of("labels").put({ id, name, description, color, scope, projectId, ...times });
    return { status: 201, headers: { Location: `/api/v2.0/labels/${id}` } };
}

const fields: Searchable<Label> = {
    name: (label) => label.name,
    id: (label) => label.id,
    creation_time: (label) => label.created,
};

function list(call: Call): Reply {
    const scope = call.query("scope") ?? "";
    const projectId = call.query("project_id") ?? "0";
    if (scope !== "g" && scope !== "p") {
        throw badRequest(`invalid scope: ${scope}`);
    }
    if (scope === "p") {
        if (projectId === "0") {
            throw badRequest("must with project ID when to query project labels");
        }
        projectFor(call, "label", "list", projectId);
    }
    const name = call.query("name");
    const mine = call.services.store
        .of("labels")
        .filter((l) => l.scope === scope && (scope === "g" || String(l.projectId) === projectId))
        .filter((label) => name === null || label.name.includes(name));
    const found = search(mine, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "id"), labelView);
}

function find(call: Call): Label {
    const id = call.number("label_id");
    const label = call.services.store.of("labels").get(id);
    if (label === undefined) {
        if (call.account.kind === "anonymous") {
            requireSystem(call.account, "label", "read");
        }
        throw notFound(`label ${id} not found`);
    }
    return label;
}

function update(call: Call): Reply {
    const body = call.body("label", shape);
    const label = find(call);
    requireLabel(call, label.scope, label.projectId, "update");
    const { name = "", description = "", color = "" } = body;
    call.services.store.of("labels").update(label.id, { name, description, color, updated: now() });
    return {};
}

function remove(call: Call): Reply {
    const label = find(call);
    requireLabel(call, label.scope, label.projectId, "delete");
    const { store } = call.services;
    store.transaction(() => {
        for (const artifact of store.of("artifacts").filter((a) => a.labelIds.includes(label.id))) {
            const labelIds = artifact.labelIds.filter((id) => id !== label.id);
            store.of("artifacts").update(artifact.id, { labelIds });
        }
        store.of("labels").remove(label.id);
    });
    return {};
}

function attach(call: Call): Reply {
    const { id = 0 } = call.body("label", shape);
    const artifact = findArtifact(call, "artifact-label", "create");
    const { store } = call.services;
    if (store.of("labels").get(id) === undefined) {
        throw notFound(`label ${id} not found`);
    }
    if (artifact.labelIds.includes(id)) {
        throw conflict(`label ${id} is already added to the artifact ${artifact.id}`);
    }
    store.of("artifacts").update(artifact.id, { labelIds: [...artifact.labelIds, id] });
    return {};
}

function detach(call: Call): Reply {
    const id = call.number("label_id");
    const artifact = findArtifact(call, "artifact-label", "delete");
    if (!artifact.labelIds.includes(id)) {
        throw notFound(`reference with label ${id} and artifact ${artifact.id} not found`);
    }
    const labelIds = artifact.labelIds.filter((one) => one !== id);
    call.services.store.of("artifacts").update(artifact.id, { labelIds });
    return {};
}

export function labelRoutes(api: Api): void {
    api.on("POST", "/labels", create);
    api.on("GET", "/labels", list);
    api.on("GET", "/labels/:label_id", (call) => {
        const label = find(call);
        if (label.scope === "p") {
            requireLabel(call, label.scope, label.projectId, "read");
        }
        return { json: labelView(label) };
    });
    api.on("PUT", "/labels/:label_id", update);
    api.on("DELETE", "/labels/:label_id", remove);
    const attached =
        "/projects/:project_name/repositories/:repository_name/artifacts/:reference/labels";
    api.on("POST", attached, attach);
    api.on("DELETE", `${attached}/:label_id`, detach);
}
