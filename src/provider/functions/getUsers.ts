import { listUsers } from "../harbor/user";
import { listing } from "./listing";

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
export const getUsers = listing({
    token: "harbor:index/getUsers:getUsers",
    description: "Lists users. Needs a system administrator.",
    filters,
    id: "harbor-users",
    output: "users",
    outputDescription: "The users.",
    item: user,
    async list({ username, email }, { client }) {
        const users = await listUsers(client, { username, email });
        return users.map((item) => ({
            id: `/users/${item.id}`,
            username: item.username,
            fullName: item.fullName,
            email: item.email,
            comment: item.comment,
            admin: item.systemAdministrator,
        }));
    },
});
