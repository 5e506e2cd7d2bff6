import type { HarborClient } from "../../harbor/client";
import {
    flag,
    type Json,
    object,
    objects,
    requiredNumber,
    requiredText,
    text,
} from "../../harbor/json";
import { type Created, createOnce, type Found } from "../../harbor/once";
import { idFromLocation } from "../../harbor/project";

/** Another registry, which Harbor pulls from or replicates with. */
export interface Registry {
    readonly id: number;
    readonly name: string;
    /** Harbor's adapter, such as `docker-hub`. */
    readonly type: string;
    readonly url: string;
    readonly description: string | undefined;
    readonly insecure: boolean;
    readonly caCertificate: string | undefined;
    readonly accessKey: string | undefined;
    /** `healthy` or `unhealthy`. */
    readonly status: string;
    readonly createdMs: number;
}

/** The writable members of a registry. */
export interface RegistrySettings {
    readonly name: string;
    readonly type: string;
    readonly url: string;
    readonly description: string;
    readonly insecure: boolean;
    readonly caCertificate: string;
    readonly accessKey: string;
    readonly accessSecret: string;
}

/** Reads a registry; undefined when missing. */
export async function getRegistry(client: HarborClient, id: number): Promise<Registry | undefined> {
    const found = await client.find(`/registries/${id}`, "registry");
    return found && parseRegistry(found);
}

/** The registry with exactly this name; undefined when missing. */
export async function findRegistry(
    client: HarborClient,
    name: string,
): Promise<Found<Registry> | undefined> {
    const answer = await client.get("/registries", { q: `name=${encodeURIComponent(name)}` });
    const value = objects(answer.body, "registries")
        .map(parseRegistry)
        .find((registry) => registry.name === name);
    return value && { value, createdMs: value.createdMs, serverTimeMs: answer.serverTimeMs };
}

/** Creates a registry and returns its id. Harbor first connects to the registry, and refuses with 400 when that fails. */
export async function createRegistry(
    client: HarborClient,
    settings: RegistrySettings,
): Promise<Created<number>> {
    const { name, type, url, description, insecure, caCertificate } = settings;
    return createOnce({
        post: () =>
            client.post("/registries", {
                name,
                type,
                url,
                description,
                insecure,
                ca_certificate: caCertificate || undefined,
                ...(settings.accessKey || settings.accessSecret
                    ? {
                          credential: {
                              type: "basic",
                              access_key: settings.accessKey,
                              access_secret: settings.accessSecret,
                          },
                      }
                    : {}),
            }),
        fromAnswer: idFromLocation,
        find: async () => {
            const found = await findRegistry(client, name);
            return found && { ...found, value: found.value.id };
        },
    });
}

/** Changes a registry, except its type. */
export async function updateRegistry(
    client: HarborClient,
    id: number,
    settings: RegistrySettings,
): Promise<void> {
    await client.put(`/registries/${id}`, {
        name: settings.name,
        url: settings.url,
        description: settings.description,
        insecure: settings.insecure,
        ca_certificate: settings.caCertificate,
        credential_type: settings.accessKey || settings.accessSecret ? "basic" : "",
        access_key: settings.accessKey,
        access_secret: settings.accessSecret,
    });
}

function parseRegistry(json: Json): Registry {
    const credential = json["credential"] ? object(json["credential"], "credential") : {};
    return {
        id: requiredNumber(json, "id"),
        name: requiredText(json, "name"),
        type: requiredText(json, "type"),
        url: requiredText(json, "url"),
        description: text(json, "description"),
        insecure: flag(json, "insecure"),
        caCertificate: text(json, "ca_certificate"),
        accessKey: text(credential, "access_key"),
        status: text(json, "status") ?? "",
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}
