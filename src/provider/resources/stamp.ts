import { UserError } from "../failure";
import type { Properties } from "../property";
import { resource } from "../resource";

const properties = {
    triggers: {
        type: "map",
        required: true,
        description: "What the values hang on: only a change of these renews them.",
    },
    values: {
        type: "map",
        required: true,
        // As an output they are those of the run that last renewed them.
        writeOnly: true,
        description:
            "Values of this run. As an output, those of the run in which a trigger last changed; a change of the values alone is no difference.",
    },
} satisfies Properties;

/**
 * `harbor.Stamp`: what tells of the run in which something changed, such as an image's labels with
 * commit and time, without being a change itself.
 */
export const stamp = resource({
    token: "harbor:index/stamp:Stamp",
    description:
        "Values that stay as they were until a trigger changes, such as labels that tell of the run that built an image. Kept in the stack's state alone: nothing is asked of Harbor, nor need its address be known.",
    idAlias: "stampId",
    properties,
    identity: [],
    importForms: "none: it is in a stack's state and nowhere else",
    offline: true,
    renews: ["values"],
    foretell: ({ values }) => (values === undefined ? {} : { values }),
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
        // There is nothing but the state.
    },
});
