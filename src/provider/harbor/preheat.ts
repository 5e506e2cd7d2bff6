import type { HarborClient } from "../../harbor/client";
import { flag, type Json, object, requiredNumber, requiredText, text } from "../../harbor/json";
import { type Created, createOnce } from "../../harbor/once";
import { hasStatus } from "../../http/error";

/** The writable members of a preheat instance. */
export interface PreheatSettings {
    readonly name: string;
    readonly description: string;
    /** `dragonfly` or `kraken`; cannot change. */
    readonly vendor: string;
    readonly endpoint: string;
    /** `NONE`, `BASIC` or `OAUTH`. */
    readonly authMode: string;
    /** Credentials by name: `username` and `password`, or `token`. */
    readonly credentials: Readonly<Record<string, string>>;
    readonly enabled: boolean;
    readonly isDefault: boolean;
    readonly insecure: boolean;
}

/** An instance of a P2P network, into which Harbor can preheat images. */
export interface PreheatInstance extends Omit<PreheatSettings, "credentials"> {
    readonly id: number;
    /** Undefined when Harbor does not return it. */
    readonly username: string | undefined;
}

const collection = "/p2p/preheat/instances";

/** Reads a preheat instance by name; undefined when missing. */
export async function getPreheatInstance(
    client: HarborClient,
    name: string,
): Promise<PreheatInstance | undefined> {
    const found = await client.find(instancePath(name), "instance");
    return found && parseInstance(found);
}

/** Every preheat instance. */
export async function listPreheatInstances(client: HarborClient): Promise<PreheatInstance[]> {
    return (await client.list(collection)).map(parseInstance);
}

/** Creates a preheat instance and returns its name. */
export async function createPreheatInstance(
    client: HarborClient,
    settings: PreheatSettings,
): Promise<Created<string>> {
    const { name } = settings;
    return createOnce({
        post: () => client.post(collection, instanceBody(settings)),
        fromAnswer: () => name,
        find: async () => {
            const found = await client.get(instancePath(name)).catch((error: unknown) => {
                if (!hasStatus(error, 404)) throw error;
                return undefined;
            });
            if (!found) return undefined;
            const setUp = requiredNumber(object(found.body, "instance"), "setup_timestamp");
            return { value: name, createdMs: setUp * 1000, serverTimeMs: found.serverTimeMs };
        },
    });
}

/** Replaces a whole preheat instance. Harbor finds the instance by the number in the body (handler/preheat.go). */
export async function updatePreheatInstance(
    client: HarborClient,
    id: number,
    settings: PreheatSettings,
): Promise<void> {
    await client.put(instancePath(settings.name), { ...instanceBody(settings), id });
}

/** Deletes a preheat instance; succeeds when already gone. Harbor refuses with 412 while policies use the instance. */
export async function deletePreheatInstance(client: HarborClient, name: string): Promise<void> {
    await client.delete(instancePath(name));
}

function instancePath(name: string): string {
    return `${collection}/${encodeURIComponent(name)}`;
}

function instanceBody(settings: PreheatSettings): Json {
    return {
        name: settings.name,
        description: settings.description,
        vendor: settings.vendor,
        endpoint: settings.endpoint,
        auth_mode: settings.authMode,
        auth_info: settings.credentials,
        enabled: settings.enabled,
        default: settings.isDefault,
        insecure: settings.insecure,
    };
}

function parseInstance(json: Json): PreheatInstance {
    const credentials = json["auth_info"] ? object(json["auth_info"], "auth_info") : {};
    return {
        id: requiredNumber(json, "id"),
        name: requiredText(json, "name"),
        description: text(json, "description") ?? "",
        vendor: text(json, "vendor") ?? "",
        endpoint: text(json, "endpoint") ?? "",
        authMode: text(json, "auth_mode") ?? "",
        enabled: flag(json, "enabled"),
        isDefault: flag(json, "default"),
        insecure: flag(json, "insecure"),
        username: text(credentials, "username"),
    };
}
