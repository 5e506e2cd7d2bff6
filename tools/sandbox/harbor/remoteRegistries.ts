import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, internal, notFound, precondition } from "./core/fault";
import { boolean, int64, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type RemoteRegistry } from "./core/model";
import { requireSystem } from "./core/policy";
import { isHealthy } from "./remoteHealth";

/** Kinds of registries for which Harbor has an adapter. */
const adapters = [
    "ali-acr",
    "aws-ecr",
    "azure-acr",
    "docker-hub",
    "docker-registry",
    "github-ghcr",
    "google-gcr",
    "harbor",
    "huawei-SWR",
    "jfrog-artifactory",
    "tencent-tcr",
    "volcengine-cr",
];

const credentialShape = struct("RegistryCredential", {
    type: string(),
    access_key: string(),
    access_secret: string(),
});
const createShape = struct("Registry", {
    id: int64,
    name: string(),
    description: string(),
    type: string(),
    url: string(),
    insecure: boolean,
    credential: credentialShape,
});
const updateShape = struct("RegistryUpdate", {
    name: string(),
    description: string(),
    url: string(),
    insecure: boolean,
    credential_type: string(),
    access_key: string(),
    access_secret: string(),
});

type Content = Omit<RemoteRegistry, "id" | "created" | "updated">;

/** A registry as Harbor shows it, without the secret. */
export function registryView(registry: RemoteRegistry): object {
    const { credentialType: type, accessKey: access_key } = registry;
    return {
        creation_time: registry.created,
        credential: type === "" ? {} : { access_key, access_secret: "*****", type },
        ...(registry.description === "" ? {} : { description: registry.description }),
        id: registry.id,
        ...(registry.insecure ? { insecure: true } : {}),
        name: registry.name,
        status: "healthy",
        type: registry.type,
        update_time: registry.updated,
        url: registry.url,
    };
}

/** Adds http to an address without a scheme; refuses with the messages of Go's parser. */
function checkUrl(url: string): string {
    const full = /^https?:\/\//.test(url) ? url : `http://${url}`;
    const host = /^https?:\/\/([^/]*)/.exec(full)?.[1] ?? "";
    const port = /^[^:[]*(:.*)$/.exec(host)?.[1];
    if (port !== undefined && !/^:\d*$/.test(port)) {
        const reason = `invalid port ${JSON.stringify(port)} after host`;
        throw badRequest(`invalid URL: parse ${JSON.stringify(full)}: ${reason}`);
    }
    return full.replace(/\/+$/, "");
}

async function requireHealthy(content: Content): Promise<void> {
    if (!adapters.includes(content.type)) {
        throw internal(); // Harbor has no adapter for this type and fails.
    }
    if (!(await isHealthy(content))) {
        throw badRequest("the registry is unhealthy");
    }
}

const nameTaken = (call: Call, name: string, besides: number): boolean =>
    call.services.store.of("registries").find((r) => r.name === name && r.id !== besides) !==
    undefined;

async function create(call: Call): Promise<Reply> {
    const body = call.body("registry", createShape);
    requireSystem(call.account, "registry", "create");
    const { name = "", credential = {} } = body;
    if (name === "") {
        throw badRequest("name cannot be empty");
    }
    const content: Content = {
        name,
        description: body.description ?? "",
        type: body.type ?? "",
        url: checkUrl(body.url ?? ""),
        insecure: body.insecure ?? false,
        credentialType: credential.type ?? "",
        accessKey: credential.access_key ?? "",
        accessSecret: credential.access_secret ?? "",
    };
    await requireHealthy(content);
    const registries = call.services.store.of("registries");
    const id = registries.nextId();
    if (nameTaken(call, name, 0)) {
        throw conflict(`registry ${name} already exists`);
    }
    const at = now();
    registries.put({ id, ...content, created: at, updated: at });
    return { status: 201, headers: { Location: `/api/v2.0/registries/${id}` } };
}

const fields: Searchable<RemoteRegistry> = {
    name: (registry) => registry.name,
    id: (registry) => registry.id,
    type: (registry) => registry.type,
    url: (registry) => registry.url,
};

function list(call: Call): Reply {
    requireSystem(call.account, "registry", "list");
    const name = call.query("name");
    const all = call.services.store
        .of("registries")
        .filter((registry) => name === null || registry.name.includes(name));
    const found = search(all, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "id"), registryView);
}

function find(call: Call, action: string, id = call.number("id")): RemoteRegistry {
    requireSystem(call.account, "registry", action);
    const registry = call.services.store.of("registries").get(id);
    if (registry === undefined) {
        throw notFound(`registry ${id} not found`);
    }
    return registry;
}

async function update(call: Call): Promise<Reply> {
    const body = call.body("registry", updateShape);
    const registry = find(call, "update");
    const content: Content = {
        ...registry,
        name: body.name ?? registry.name,
        description: body.description ?? registry.description,
        url: body.url === undefined ? registry.url : checkUrl(body.url),
        insecure: body.insecure ?? registry.insecure,
        credentialType: body.credential_type ?? registry.credentialType,
        accessKey: body.access_key ?? registry.accessKey,
        accessSecret: body.access_secret ?? registry.accessSecret,
    };
    await requireHealthy(content);
    if (nameTaken(call, content.name, registry.id)) {
        throw conflict(`registry ${content.name} already exists`);
    }
    call.services.store.of("registries").update(registry.id, { ...content, updated: now() });
    return {};
}

function remove(call: Call): Reply {
    const registry = find(call, "delete");
    const { store } = call.services;
    const policy = store
        .of("replicationPolicies")
        .find((p) => p.sourceId === registry.id || p.destinationId === registry.id);
    if (policy !== undefined) {
        throw precondition(
            `the registry ${registry.id} is referenced by replication policies, cannot delete it`,
        );
    }
    const user = store.of("projects").find((project) => project.registryId === registry.id);
    if (user !== undefined) {
        throw precondition(
            `the registry ${registry.id} is referenced by proxy cache project, cannot delete it`,
        );
    }
    store.of("registries").remove(registry.id);
    return {};
}

async function ping(call: Call): Promise<Reply> {
    const body = call.body(
        "registry",
        struct("RegistryPing", {
            id: int64,
            type: string(),
            url: string(),
            insecure: boolean,
            credential_type: string(),
            access_key: string(),
            access_secret: string(),
        }),
    );
    const known = body.id === undefined ? undefined : find(call, "read", body.id);
    requireSystem(call.account, "registry", "read");
    await requireHealthy({
        name: known?.name ?? "",
        description: "",
        type: body.type ?? known?.type ?? "",
        url: checkUrl(body.url ?? known?.url ?? ""),
        insecure: body.insecure ?? known?.insecure ?? false,
        credentialType: body.credential_type ?? known?.credentialType ?? "",
        accessKey: body.access_key ?? known?.accessKey ?? "",
        accessSecret: body.access_secret ?? known?.accessSecret ?? "",
    });
    return {};
}

function info(call: Call): Reply {
    const { type } = find(call, "read");
    const input = (name: string): object => ({ style: "input", type: name, values: null });
    const kinds = { style: "radio", type: "resource", values: ["image"] };
    const supported_resource_filters = [input("name"), input("tag"), kinds];
    const supported_triggers = ["manual", "scheduled"];
    return { json: { supported_resource_filters, supported_triggers, type } };
}

export function remoteRegistryRoutes(api: Api): void {
    api.on("POST", "/registries", create);
    api.on("GET", "/registries", list);
    api.on("POST", "/registries/ping", ping);
    api.on("GET", "/registries/:id", (call) => ({ json: registryView(find(call, "read")) }));
    api.on("PUT", "/registries/:id", update);
    api.on("DELETE", "/registries/:id", remove);
    api.on("GET", "/registries/:id/info", info);
    api.on("GET", "/replication/adapters", (call) => {
        requireSystem(call.account, "replication-adapter", "list");
        return { json: adapters };
    });
}
