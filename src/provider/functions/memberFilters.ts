import { projectIdRule } from "../ids";
import type { Properties } from "../property";

/** Inputs of the functions that list members. */
export const memberInputs = {
    id: { type: "string", description: "Ignored; the id is an output." },
    projectId: {
        type: "string",
        required: true,
        check: projectIdRule,
        description: "Id of the project, `/projects/N`.",
    },
} as const satisfies Properties;

/** Properties of both kinds of members. */
export const memberProperties = {
    id: { type: "string", required: true, description: "Id, `/projects/N/members/M`." },
    projectId: { type: "string", required: true, description: "Id of the project." },
    role: { type: "string", required: true, description: "Role in the project." },
} as const satisfies Properties;
