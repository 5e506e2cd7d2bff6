import type { Label } from "./core/model";

/** A label as the REST API shows it. */
export function labelView(label: Label): object {
    return {
        ...(label.color === "" ? {} : { color: label.color }),
        creation_time: label.created,
        ...(label.description === "" ? {} : { description: label.description }),
        id: label.id,
        name: label.name,
        ...(label.projectId === 0 ? {} : { project_id: label.projectId }),
        scope: label.scope,
        update_time: label.updated,
    };
}
