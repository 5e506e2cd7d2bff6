import type { Api, Call, Reply } from "./core/api";
import { conflict, internal, notFound, unsupported } from "./core/fault";
import { boolean, int64, map, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import type { PreheatInstance } from "./core/model";
import { requireSystem } from "./core/policy";

const shape = struct("Instance", {
    id: int64,
    name: string(),
    description: string(),
    vendor: string(),
    endpoint: string(),
    auth_mode: string(),
    auth_info: map(string()),
    enabled: boolean,
    default: boolean,
    insecure: boolean,
});

/** The handler's nameRegex. Harbor answers 500 to other names, without a message. */
const goodName = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

type Content = Omit<PreheatInstance, "id" | "setUpSeconds">;

function read(call: Call): Content & { readonly id: number } {
    const body = call.body("instance", shape);
    return {
        id: body.id ?? 0,
        name: body.name ?? "",
        description: body.description ?? "",
        vendor: body.vendor ?? "",
        endpoint: body.endpoint ?? "",
        authMode: body.auth_mode ?? "",
        authInfo: body.auth_info ?? {},
        enabled: body.enabled ?? false,
        isDefault: body.default ?? false,
        insecure: body.insecure ?? false,
    };
}

/**
 * An instance as Harbor shows it, without credentials. Harbor keeps credentials that an update
 * leaves out (its API description of PUT).
 */
function view(instance: PreheatInstance): object {
    return {
        auth_mode: instance.authMode,
        default: instance.isDefault,
        ...(instance.description === "" ? {} : { description: instance.description }),
        enabled: instance.enabled,
        endpoint: instance.endpoint,
        id: instance.id,
        insecure: instance.insecure,
        name: instance.name,
        setup_timestamp: instance.setUpSeconds,
        status: "Unknown",
        vendor: instance.vendor,
    };
}

function create(call: Call): Reply {
    const { id: _, ...content } = read(call);
    requireSystem(call.account, "preheat-instance", "create");
    const instances = call.services.store.of("preheatInstances");
    if (!goodName.test(content.name)) {
        throw internal();
    }
    if (instances.find((one) => one.endpoint === content.endpoint) !== undefined) {
        throw internal(); // A "resource conflict" without a code, which Harbor does not show.
    }
    if (instances.find((one) => one.name === content.name) !== undefined) {
        throw conflict(`instance ${content.name} already exists`);
    }
    const setUpSeconds = Math.floor(Date.now() / 1000);
    instances.put({ id: instances.nextId(), ...content, setUpSeconds });
    const Location = `/api/v2.0/p2p/preheat/instances/${content.name}`;
    return { status: 201, headers: { Location } };
}

function find(call: Call, action: string): PreheatInstance {
    requireSystem(call.account, "preheat-instance", action);
    const name = call.param("preheat_instance_name");
    const found = call.services.store.of("preheatInstances").find((one) => one.name === name);
    if (found === undefined) {
        throw notFound(`instance ${name} not found`);
    }
    return found;
}

/** Harbor finds the instance by the number in the body, not by the name in the path. */
function update(call: Call): Reply {
    const { id, ...content } = read(call);
    requireSystem(call.account, "preheat-instance", "update");
    const { store } = call.services;
    const instances = store.of("preheatInstances");
    if (!goodName.test(content.name)) {
        throw internal();
    }
    const before = instances.get(id);
    if (before === undefined) {
        throw notFound(`instance ${id} not found`);
    }
    if (before.vendor !== content.vendor) {
        throw internal(); // The vendor stays.
    }
    const isKept = Object.keys(content.authInfo).length === 0 && content.authMode !== "NONE";
    store.transaction(() => {
        if (content.isDefault) {
            for (const other of instances.filter((one) => one.id !== id && one.isDefault)) {
                instances.update(other.id, { isDefault: false });
            }
        }
        instances.update(id, {
            ...content,
            authInfo: isKept ? before.authInfo : content.authInfo,
        });
    });
    return {};
}

const fields: Searchable<PreheatInstance> = {
    name: (instance) => instance.name,
    endpoint: (instance) => instance.endpoint,
    id: (instance) => instance.id,
    vendor: (instance) => instance.vendor,
};

function list(call: Call): Reply {
    requireSystem(call.account, "preheat-instance", "list");
    const all = call.services.store.of("preheatInstances").values();
    const found = search(all, parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "id"), view);
}

/** The sandbox stores instances of P2P networks and never contacts them. */
export function preheatRoutes(api: Api): void {
    const all = "/p2p/preheat/instances";
    api.on("GET", all, list);
    api.on("POST", all, create);
    api.on("POST", `${all}/ping`, (call) => {
        requireSystem(call.account, "preheat-instance", "read");
        throw unsupported("speaking to a preheat instance; its registration is kept");
    });
    const one = `${all}/:preheat_instance_name`;
    api.on("GET", one, (call) => ({ json: view(find(call, "read")) }));
    api.on("PUT", one, update);
    api.on("DELETE", one, (call) => {
        call.services.store.of("preheatInstances").remove(find(call, "delete").id);
        return {};
    });
}
