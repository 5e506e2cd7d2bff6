import type { HarborClient } from "../../harbor/client";
import { type Json, number, objects, requiredNumber, text } from "../../harbor/json";
import { type Created, createOnce } from "../../harbor/once";
import { idFromLocation } from "../../harbor/project";

/** A label for artifacts. */
export interface Label {
    readonly id: number;
    readonly name: string;
    readonly description: string | undefined;
    readonly color: string | undefined;
    /** `g` for all of Harbor, `p` for one project. */
    readonly scope: string;
    readonly projectId: number | undefined;
    readonly createdMs: number;
}

/** The writable members of a label. */
export interface LabelSettings {
    readonly name: string;
    readonly description: string;
    readonly color: string;
    /** Undefined for all of Harbor. */
    readonly projectId: number | undefined;
}

/** Reads a label; undefined when missing. */
export async function getLabel(client: HarborClient, id: number): Promise<Label | undefined> {
    const found = await client.find(`/labels/${id}`, "label");
    return found && parseLabel(found);
}

/** Creates a label and returns its id. */
export async function createLabel(
    client: HarborClient,
    settings: LabelSettings,
): Promise<Created<number>> {
    const { name, projectId } = settings;
    return createOnce({
        post: () => client.post("/labels", labelBody(settings)),
        fromAnswer: idFromLocation,
        find: async () => {
            const scope = projectId === undefined ? "g" : "p";
            const answer = await client.get("/labels", { name, scope, project_id: projectId });
            const found = objects(answer.body, "labels")
                .map(parseLabel)
                .find((label) => label.name === name);
            if (!found) return undefined;
            const { createdMs } = found;
            return { value: found.id, createdMs, serverTimeMs: answer.serverTimeMs };
        },
    });
}

/** Replaces the changeable members of a label; scope and project stay. */
export async function updateLabel(
    client: HarborClient,
    id: number,
    settings: LabelSettings,
): Promise<void> {
    await client.put(`/labels/${id}`, labelBody(settings));
}

function labelBody({ name, description, color, projectId }: LabelSettings): Json {
    const scope = projectId === undefined ? { scope: "g" } : { scope: "p", project_id: projectId };
    return { name, description, color, ...scope };
}

function parseLabel(json: Json): Label {
    return {
        id: requiredNumber(json, "id"),
        name: text(json, "name") ?? "",
        description: text(json, "description"),
        color: text(json, "color"),
        scope: text(json, "scope") ?? "g",
        projectId: number(json, "project_id"),
        createdMs: Date.parse(text(json, "creation_time") ?? ""),
    };
}
