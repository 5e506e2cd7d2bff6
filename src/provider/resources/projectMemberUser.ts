import type { Properties } from "../property";
import { resource } from "../resource";
import {
    createMembership,
    membershipOf,
    membershipProperties,
    readMembership,
    updateMembership,
} from "./membership";

const properties = {
    ...membershipProperties,
    userName: {
        type: "string",
        required: true,
        replace: true,
        check: (value: string) =>
            value === "" ? "is empty; expected the name of a user" : undefined,
        description: "Name of the user.",
    },
} as const satisfies Properties;

/** `harbor.ProjectMemberUser`: a user's role in a project. */
export const projectMemberUser = resource({
    token: "harbor:index/projectMemberUser:ProjectMemberUser",
    description: "A user's role in a project.",
    idAlias: "projectMemberUserId",
    properties,
    identity: ["projectId", "userName"],
    importForms: "/projects/PROJECT/members/ID",
    create: (inputs, { client }) =>
        createMembership(
            client,
            inputs,
            { user: inputs.userName },
            { property: "userName", name: inputs.userName },
        ),
    async read(id, _prior, { client }) {
        const found = await readMembership(client, id, "u");
        if (!found) return undefined;
        const { state, entityName } = found;
        return { id: state.id, outputs: { ...state.outputs, userName: entityName } };
    },
    update: (id, inputs, _olds, { client }) => updateMembership(client, id, inputs),
    delete: (id, _olds, { client }) => client.delete(membershipOf(id).path),
});
