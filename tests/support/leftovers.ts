import assert from "node:assert/strict";
import { askApi, listApi, type RegistryAccess, repositoryPath } from "./registry";
import { hasSystemRights } from "./rights";

/**
 * Deletes the projects and users whose names begin with one of `names`: those that a stack retains,
 * and those that tests create without a stack. Fails when Harbor refuses a deletion.
 */
export async function deleteLeftovers(
    access: RegistryAccess,
    names: readonly string[],
): Promise<void> {
    const isOurs = (name: string) => names.some((one) => name.startsWith(one));
    const projects = await listApi<{ name: string }>(access, "/projects");
    for (const { name } of projects.filter((project) => isOurs(project.name))) {
        await deleteProject(access, name);
    }
    if (await hasSystemRights(access)) {
        const users = await listApi<{ user_id: number; username: string }>(access, "/users");
        for (const { user_id } of users.filter((user) => isOurs(user.username))) {
            await remove(access, `/users/${user_id}`);
        }
    }
}

/** Deletes a project with its contents. Harbor finds repositories only by the project's name. */
async function deleteProject(access: RegistryAccess, name: string): Promise<void> {
    const path = `/projects/${name}`;
    for (const { id } of await listApi<{ id: number }>(access, `${path}/immutabletagrules`)) {
        await remove(access, `${path}/immutabletagrules/${id}`);
    }
    for (const repository of await listApi<{ name: string }>(access, `${path}/repositories`)) {
        await remove(access, repositoryPath(name, repository.name.slice(name.length + 1)));
    }
    await remove(access, path);
}

async function remove(access: RegistryAccess, path: string): Promise<void> {
    const { status, json } = await askApi(access, path, { method: "DELETE" });
    assert.equal(status, 200, `DELETE ${path}: ${JSON.stringify(json)}`);
}
