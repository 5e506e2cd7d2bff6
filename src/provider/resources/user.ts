import type { HarborClient } from "../../harbor/client";
import { reasonOf } from "../../text/reason";
import { explaining, type Failure, PartialError, UserError } from "../failure";
import {
    createUser,
    getUser,
    listUsers,
    setSystemAdministrator,
    setUserPassword,
    type UserProfile,
    updateUser,
} from "../harbor/user";
import { nameIn, numberIn, pathIn, requiredNumberIn } from "../ids";
import type { Values } from "../property";
import { type Context, resource, type State } from "../resource";
import type { Bag } from "../values";
import { userProperties } from "./userProperties";

type Inputs = Values<typeof userProperties>;

/** `harbor.User`: a user who can log in. */
export const user = resource({
    token: "harbor:index/user:User",
    description: "A user of Harbor's own database. Needs a system administrator.",
    idAlias: "userId",
    properties: userProperties,
    identity: ["username"],
    importForms: "/users/ID, ID, or the login name",
    check,
    create,
    async read(id, _prior, { client }) {
        const number =
            numberIn(id, "users") ??
            (await listUsers(client, { username: nameIn(id, "users") }))[0]?.id;
        const found = number === undefined ? undefined : await getUser(client, number);
        if (!found) return undefined;
        const { username, fullName, email, comment, systemAdministrator } = found;
        return {
            id: `/users/${found.id}`,
            outputs: { username, fullName, email, comment, admin: systemAdministrator },
        };
    },
    async update(id, inputs, olds, { client }) {
        const number = requiredNumberIn(id, "users");
        await updateUser(client, number, profile(inputs));
        if (inputs.admin !== (olds["admin"] ?? false)) {
            await setSystemAdministrator(client, number, inputs.admin);
        }
        await changePassword(number, inputs, olds, client);
        return { id, outputs: {} };
    },
    delete: (id, _olds, { client }) => client.delete(pathIn(id, "users")),
});

function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    const given = (key: keyof Inputs): boolean => Boolean(inputs[key]) || unknown.has(key);
    if (given("password") && given("passwordWo")) {
        return [{ property: "passwordWo", reason: "cannot be given together with password" }];
    }
    if (!given("password") && !given("passwordWo")) {
        return [{ property: "password", reason: "is missing: give password or passwordWo" }];
    }
    if (given("passwordWo") !== given("passwordWoVersion")) {
        const missing = given("passwordWo") ? "passwordWoVersion" : "passwordWo";
        return [{ property: missing, reason: "is missing: both are needed" }];
    }
    return [];
}

async function create(inputs: Inputs, { client }: Context): Promise<State> {
    const { username } = inputs;
    const password = inputs.password || inputs.passwordWo || "";
    const made = await createUser(client, { username, password, ...profile(inputs) }).catch(
        explaining({
            409: ({ reason }) =>
                `username: ${reason}. To manage an existing user here, import it: \`pulumi import harbor:index/user:User NAME ${username}\``,
        }),
    );
    if (inputs.admin) {
        try {
            await setSystemAdministrator(client, made.value, true);
        } catch (cause) {
            throw await undo({ id: made.value, username }, cause, client);
        }
    }
    return { id: `/users/${made.value}`, outputs: {} };
}

async function undo(
    { id, username }: { readonly id: number; readonly username: string },
    cause: unknown,
    client: HarborClient,
): Promise<Error> {
    const failed = `admin: user "${username}" could not be made an administrator (${reasonOf(cause)})`;
    try {
        await client.delete(`/users/${id}`);
    } catch (second) {
        const message = `${failed}, and deleting it failed, too: ${reasonOf(second)}`;
        // The recorded state has no administrator, so that the next update tries again.
        return new PartialError(message, {
            id: `/users/${id}`,
            outputs: { admin: false },
            cause,
        });
    }
    return new UserError(`${failed}, and was deleted again`, { cause });
}

async function changePassword(
    id: number,
    inputs: Inputs,
    olds: Bag,
    client: HarborClient,
): Promise<void> {
    const changed = inputs.password !== "" && inputs.password !== olds["password"];
    const sentAgain =
        inputs.passwordWo !== undefined && inputs.passwordWoVersion !== olds["passwordWoVersion"];
    if (changed) await setUserPassword(client, id, inputs.password);
    else if (sentAgain) await setUserPassword(client, id, inputs.passwordWo ?? "");
}

function profile({ fullName, email, comment }: Inputs): UserProfile {
    return { fullName, email, comment: comment ?? "" };
}
