import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, Fault, forbidden, notFound, precondition } from "./core/fault";
import { boolean, string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type User } from "./core/model";
import { memberRoles, requireLogin, requireSystem, roleActions } from "./core/policy";
import { hashSecret, isStrong, verifySecret } from "./core/secrets";

const weak =
    "the password or secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number";
const nameBytesMax = 255;
const commentBytesMax = 30;
const anonymousUserId = 2;

const createShape = struct("UserCreationReq", {
    username: string(),
    email: string(),
    realname: string(),
    comment: string(),
    password: string(),
});
const profileShape = struct("UserProfile", {
    email: string(),
    realname: string(),
    comment: string(),
});
const passwordShape = struct("PasswordReq", { old_password: string(), new_password: string() });
const sysadminShape = struct("UserSysAdminFlag", { sysadmin_flag: boolean });

function view(user: User): object {
    return {
        admin_role_in_auth: false,
        ...(user.comment === "" ? {} : { comment: user.comment }),
        creation_time: user.created,
        ...(user.email === "" ? {} : { email: user.email }),
        realname: user.realname,
        sysadmin_flag: user.sysadmin,
        update_time: user.updated,
        user_id: user.id,
        username: user.username,
    };
}

function checkName(what: string, value: string): void {
    if (value === "" || value.length > nameBytesMax) {
        throw badRequest(`${what} with illegal length`);
    }
    if (/[,~#$%]/.test(value)) {
        throw badRequest(`${what} contains illegal characters`);
    }
}

/** Checks the changeable fields of a user, in Harbor's order. */
function checkProfile({ email = "", realname = "", comment = "" }: Partial<User>): void {
    if (email === "") {
        throw badRequest("email can't be empty");
    }
    if (!/^[^\s@]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$/.test(email)) {
        throw badRequest("email with illegal format");
    }
    checkName("realname", realname);
    if (comment.length > commentBytesMax) {
        throw badRequest("comment with illegal length");
    }
}

function create(call: Call): Reply {
    const body = call.body("userReq", createShape);
    requireSystem(call.account, "user", "create");
    const { username = "", email = "", realname = "", comment = "", password = "" } = body;
    if (!isStrong(password)) {
        throw badRequest(weak);
    }
    checkProfile({ email, realname, comment });
    checkName("username", username);
    const { store } = call.services;
    const id = store.nextId("users");
    const taken = store
        .of("users")
        .find((user) => user.username === username || (email !== "" && user.email === email));
    if (taken !== undefined) {
        throw conflict(`user ${username} or email ${email} already exists`);
    }
    const at = now();
    const secret = hashSecret(password);
    const more = { password: secret, sysadmin: false, created: at, updated: at };
    store.of("users").put({ id, username, email, realname, comment, ...more });
    return { status: 201, headers: { Location: `/api/v2.0/users/${id}` } };
}

const fields: Searchable<User> = {
    username: (user) => user.username,
    user_id: (user) => user.id,
    email: (user) => user.email,
    realname: (user) => user.realname,
    sysadmin_flag: (user) => user.sysadmin,
    creation_time: (user) => user.created,
};

/** Lists do not contain the built-in administrator. */
const listed = (call: Call): User[] =>
    call.services.store.of("users").filter((user) => user.id > anonymousUserId);

function list(call: Call): Reply {
    requireSystem(call.account, "user", "list");
    const found = search(listed(call), parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "username"), view);
}

function searchByName(call: Call): Reply {
    requireLogin(call.account);
    const text = call.query("username") ?? "";
    const found = listed(call).filter((user) => user.username.includes(text));
    return call.page(order(found, null, fields, "username"), (user) => ({
        user_id: user.id,
        username: user.username,
    }));
}

function current(call: Call): Reply {
    requireLogin(call.account);
    if (call.account.kind === "robot") {
        throw precondition("get current user not available for security context: robot");
    }
    const user = call.services.store.of("users").get(call.account.user.id);
    return { json: user === undefined ? {} : view(user) };
}

function permissions(call: Call): Reply {
    requireLogin(call.account);
    const given = /^\/project\/(\d+)$/.exec(call.query("scope") ?? "")?.[1];
    if (given === undefined) {
        return { json: [] };
    }
    const id = Number(given);
    const { account, services } = call;
    const admin = account.kind === "user" && account.user.sysadmin;
    const role = admin ? 1 : memberRoles(services.store, account, id)[0];
    const relative = call.query("relative") === "true";
    const json = roleActions(role ?? 0).map(({ resource, action }) => {
        const inside = resource === "project" ? "." : resource;
        return { action, resource: relative ? inside : `/project/${id}/${inside}` };
    });
    return { json };
}

function find(call: Call, action: string): User {
    const id = call.number("user_id");
    requireLogin(call.account);
    const own = call.account.kind === "user" && call.account.user.id === id && action !== "delete";
    if (!own) {
        requireSystem(call.account, "user", action);
    }
    const user = call.services.store.of("users").get(id);
    if (user === undefined) {
        throw notFound(`user ${id} not found`);
    }
    return user;
}

function changePassword(call: Call): Reply {
    const body = call.body("password", passwordShape);
    const user = find(call, "update");
    const { old_password: before = "", new_password: after = "" } = body;
    const own = call.account.kind === "user" && call.account.user.id === user.id;
    if (own && !verifySecret(before, user.password)) {
        throw forbidden("Current password is incorrect");
    }
    if (!isStrong(after)) {
        throw badRequest(weak);
    }
    call.services.store
        .of("users")
        .update(user.id, { password: hashSecret(after), updated: now() });
    return {};
}

function remove(call: Call): Reply {
    const user = find(call, "delete");
    if (user.id <= anonymousUserId) {
        throw new Fault(403, "FORBIDDEN", `User with ID ${user.id} cannot be deleted`);
    }
    const { store } = call.services;
    store.transaction(() => {
        store.of("members").removeWhere((m) => m.entityType === "u" && m.entityId === user.id);
        store.of("users").remove(user.id);
    });
    return {};
}

export function userRoutes(api: Api): void {
    api.on("POST", "/users", create);
    api.on("GET", "/users", list);
    api.on("GET", "/users/search", searchByName);
    api.on("GET", "/users/current", current);
    api.on("GET", "/users/current/permissions", permissions);
    api.on("GET", "/users/:user_id", (call) => ({ json: view(find(call, "read")) }));
    api.on("PUT", "/users/:user_id", (call) => {
        const body = call.body("profile", profileShape);
        const { id } = find(call, "update");
        checkProfile(body);
        call.services.store.of("users").update(id, { ...body, updated: now() });
        return {};
    });
    api.on("PUT", "/users/:user_id/password", changePassword);
    api.on("PUT", "/users/:user_id/sysadmin", (call) => {
        const body = call.body("sysadminFlag", sysadminShape);
        requireSystem(call.account, "user", "update");
        const { id } = find(call, "update");
        call.services.store.of("users").update(id, { sysadmin: body.sysadmin_flag ?? false });
        return {};
    });
    api.on("DELETE", "/users/:user_id", remove);
}
