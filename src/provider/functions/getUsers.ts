import { listUsers } from "../../harbor/user";
import { harborFunction } from "../function";

const user = {
    name: "getUsersUser",
    description: "A user who can log in.",
    properties: {
        id: { type: "string", required: true, description: "Id, `/users/N`." },
        username: { type: "string", required: true, description: "Login name." },
        fullName: { type: "string", required: true, description: "Full name of the user." },
        email: { type: "string", required: true, description: "E-mail address." },
        comment: { type: "string", required: true, description: "Remark." },
        admin: {
            type: "boolean",
            required: true,
            description: "Whether the user is a system administrator.",
        },
    },
} as const;

const filters = {
    email: { type: "string", description: "Only the user with this e-mail address." },
    username: { type: "string", description: "Only the user with this login name." },
} as const;

/** `harbor.getUsers`: the users in Harbor. */
export const getUsers = harborFunction({
    token: "harbor:index/getUsers:getUsers",
    description: "Lists users. Needs a system administrator.",
    inputs: { ...filters, id: { type: "string", description: "Ignored; the id is an output." } },
    outputs: {
        ...filters,
        id: { type: "string", required: true, description: "Always `harbor-users`." },
        users: { type: { list: user }, required: true, description: "The users." },
    },
    async invoke(inputs, { client }) {
        const { username, email } = inputs;
        const users = await listUsers(client, { username, email });
        return {
            ...inputs,
            id: "harbor-users",
            users: users.map((item) => ({
                id: `/users/${item.id}`,
                username: item.username,
                fullName: item.fullName,
                email: item.email,
                comment: item.comment,
                admin: item.systemAdministrator,
            })),
        };
    },
});
