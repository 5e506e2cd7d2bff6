import { UserError } from "../failure";
import type { Properties } from "../property";
import { resource } from "../resource";

const properties = {
    triggers: {
        type: "map",
        required: true,
        description: "Only a change of these triggers renews the values.",
    },
    values: {
        type: "map",
        required: true,
        // The output has the values of the run that last renewed them.
        writeOnly: true,
        description:
            "Values of this run. The output has the values of the run in which a trigger last changed. Changing only the values causes no diff.",
    },
} satisfies Properties;

/**
 * `harbor.Stamp`: values that describe the run in which something changed, such as an image's labels
 * with commit and time. Changing only the values causes no diff.
 */
export const stamp = resource({
    token: "harbor:index/stamp:Stamp",
    description:
        "Values that stay unchanged until a trigger changes, such as labels that describe the run that built an image. Exists only in the stack's state, and works without Harbor's address.",
    idAlias: "stampId",
    properties,
    identity: [],
    importForms: "none: it is in a stack's state and nowhere else",
    offline: true,
    renews: ["values"],
    predict: ({ values }) => (values === undefined ? {} : { values }),
    async create({ values }) {
        return { id: "stamp", outputs: { values } };
    },
    async read(id, { triggers, values }) {
        if (values === undefined) {
            throw new UserError(
                "a Stamp cannot be imported: it is in a stack's state and nowhere else",
            );
        }
        return { id, outputs: { triggers, values } };
    },
    async update(id, { values }) {
        return { id, outputs: { values } };
    },
    async delete() {
        // A stamp exists only in the state.
    },
});
